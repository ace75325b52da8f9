/* The wind chill in C. */
#include <Python.h>
#include <math.h>

static PyObject *feels_like(PyObject *Py_UNUSED(module), PyObject *args)
{
    double celsius, wind_kmh, power;
    if (!PyArg_ParseTuple(args, "dd", &celsius, &wind_kmh)) return NULL;
    if (wind_kmh < 4.8) return PyFloat_FromDouble(celsius);
    power = pow(wind_kmh, 0.16);
    return PyFloat_FromDouble(13.12 + 0.6215 * celsius - 11.37 * power + 0.3965 * celsius * power);
}

static PyMethodDef functions[] = {
    {"feels_like", feels_like, METH_VARARGS, "What `celsius` feels like in a wind of `wind_kmh`."},
    {NULL, NULL, 0, NULL},
};

/* What this module promises the interpreter. It says nothing about the GIL. */
static PyModuleDef_Slot slots[] = {
    {0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, .m_name = "_fast", .m_methods = functions, .m_slots = slots};

PyMODINIT_FUNC PyInit__fast(void) { return PyModuleDef_Init(&module); }
