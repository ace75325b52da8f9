/* One library that can be copied under many names: modules that need the GIL, and modules that declare they do not. */
#include <Python.h>

static PyModuleDef_Slot silent[] = {{0, NULL}};
static PyModuleDef_Slot declared[] = {{Py_mod_gil, Py_MOD_GIL_NOT_USED}, {0, NULL}};

#define MODULE(name, its_slots) \
    static struct PyModuleDef name = {PyModuleDef_HEAD_INIT, .m_name = #name, .m_slots = its_slots}; \
    PyMODINIT_FUNC PyInit_##name(void) { return PyModuleDef_Init(&name); }

MODULE(_core, silent)
MODULE(_native, silent)
MODULE(_speedups, silent)
MODULE(_accel, silent)
MODULE(_impl, silent)
MODULE(_tables, declared)
MODULE(_codec, declared)
MODULE(_parser, declared)
