#!/bin/sh
# What this host says about NVIDIA, one NAME=VALUE a line; filter_plugins/nvidia_driver.py reads it.
PATH=$PATH:/usr/sbin:/sbin
echo "smi=$(timeout 60 nvidia-smi --query-gpu=driver_version --format=csv,noheader 2>/dev/null | head -n 1)"
echo "loaded=$(sed -n 's/^NVRM version:.*Kernel Module[^0-9]*\([0-9.]*\).*/\1/p' /proc/driver/nvidia/version 2>/dev/null)"
echo "installed=$(modinfo --field version nvidia 2>/dev/null | head -n 1)"
echo "nouveau=$(grep --count '^nouveau ' /proc/modules)"
echo "gpus=$(cat /sys/bus/pci/devices/*/uevent 2>/dev/null | grep --after-context=1 '^PCI_CLASS=30[02]' | grep --count '^PCI_ID=10DE:')"
# The last byte of the variable is 1 where the firmware checks signatures; no variable, no check.
echo "secure_boot=$(od --address-radix=n --format=u1 /sys/firmware/efi/efivars/SecureBoot-* 2>/dev/null | awk '{print $NF}')"
echo "kernel=$(uname -r)"
