package org.mirror4j.device.host;

import org.junit.jupiter.api.Nested;
import org.mirror4j.device.AttentionContract;
import org.mirror4j.device.Device;
import org.mirror4j.device.GemmContract;
import org.mirror4j.device.LossContract;

/** The contracts of the operations on the CPU, with one thread and with two. */
class HostContractTest {
  @Nested
  class Gemm extends GemmContract {
    @Override
    protected Device open() {
      return new HostDevice(1);
    }
  }

  @Nested
  class GemmOfTwoThreads extends GemmContract {
    @Override
    protected Device open() {
      return new HostDevice(2);
    }
  }

  @Nested
  class Attention extends AttentionContract {
    @Override
    protected Device open() {
      return new HostDevice(1);
    }
  }

  @Nested
  class AttentionOfTwoThreads extends AttentionContract {
    @Override
    protected Device open() {
      return new HostDevice(2);
    }
  }

  @Nested
  class Losses extends LossContract {
    @Override
    protected Device open() {
      return new HostDevice(1);
    }
  }

  @Nested
  class LossesOfTwoThreads extends LossContract {
    @Override
    protected Device open() {
      return new HostDevice(2);
    }
  }
}
