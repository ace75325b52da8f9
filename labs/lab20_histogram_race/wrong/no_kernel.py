"""A function of the host that gives the right counts: nothing runs on the device.

Rejected by: bounds
"""


def count_with_atomics(data, hist):
    hist += np.bincount(data, minlength=hist.size)
