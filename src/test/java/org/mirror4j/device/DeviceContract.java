package org.mirror4j.device;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.mirror4j.support.DeviceBuffers;

/** What every device must do, whichever it is: a subclass per device runs the inherited tests. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class DeviceContract {
  /** Relative error of a vector exponential or of rounding its result, in units of U. */
  protected static final double EXP_ULPS = 4;

  private Device device;

  /** Buffers of the running test; guards are checked after it. */
  protected DeviceBuffers buffers;

  /** The device under test, closed after the last test. */
  protected abstract Device open();

  @BeforeAll
  void openDevice() {
    device = open();
  }

  @AfterAll
  void closeDevice() {
    device.close();
  }

  @BeforeEach
  void newBuffers() {
    buffers = new DeviceBuffers(device);
  }

  @AfterEach
  void closeBuffers() {
    buffers.close();
  }

  /** The operations under test. */
  protected final Kernels kernels() {
    return device.kernels();
  }

  /** Random numbers that are the same in every run. */
  protected static RandomGenerator random(long seed) {
    return RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
  }
}
