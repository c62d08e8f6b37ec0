package org.mirror4j;

import org.mirror4j.encode.Devices;

/** What computes. */
public enum DeviceChoice {
  /** An NVIDIA card where one can be used, else the processor. */
  BEST(Devices.Choice.AUTO),
  /** The processor. */
  CPU(Devices.Choice.CPU),
  /** An NVIDIA card, the first that CUDA names. */
  CUDA(Devices.Choice.CUDA),
  /** The interpreter of GPU kernels, every memory access checked: for tests, and slow. */
  PTX(Devices.Choice.PTX);

  private final Devices.Choice choice;

  DeviceChoice(Devices.Choice choice) {
    this.choice = choice;
  }

  Devices.Choice choice() {
    return choice;
  }
}
