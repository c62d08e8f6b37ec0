package org.mirror4j.device.host;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.mirror4j.device.ActivationContract;
import org.mirror4j.device.AttentionContract;
import org.mirror4j.device.EmbeddingContract;
import org.mirror4j.device.FlowContract;
import org.mirror4j.device.LossContract;
import org.mirror4j.device.MemoryContract;
import org.mirror4j.device.NormContract;
import org.mirror4j.device.OperationContract.Setup;
import org.mirror4j.device.OptimizerContract;
import org.mirror4j.device.OwnershipContract;
import org.mirror4j.device.ProductContract;
import org.mirror4j.device.RowContract;

/**
 * The contracts on the CPU in each type that it stores, with one, two and three threads and with
 * loops of vectors and of scalars, which must agree in every bit.
 */
class HostContractTest {
  private static List<HostDevice> devices;
  private static List<Setup> setups;

  @BeforeAll
  static void open() {
    devices =
        List.of(
            new HostDevice(1, new ScalarStart(0)),
            new HostDevice(2, new ScalarStart(0)),
            new HostDevice(3, new ScalarStart(Long.MAX_VALUE)));
    setups =
        devices.getFirst().storageTypes().stream()
            .map(storage -> new Setup(storage, devices))
            .toList();
  }

  @AfterAll
  static void close() {
    devices.forEach(HostDevice::close);
  }

  @Nested
  class Attention extends AttentionContract {
    @Override
    protected List<Setup> setups() {
      return setups;
    }
  }

  @Nested
  class Product extends ProductContract {
    @Override
    protected List<Setup> setups() {
      return setups;
    }
  }

  @Nested
  class Loss extends LossContract {
    @Override
    protected List<Setup> setups() {
      return setups;
    }
  }

  @Nested
  class Norm extends NormContract {
    @Override
    protected List<Setup> setups() {
      return setups;
    }
  }

  @Nested
  class Embedding extends EmbeddingContract {
    @Override
    protected List<Setup> setups() {
      return setups;
    }
  }

  @Nested
  class Activation extends ActivationContract {
    @Override
    protected List<Setup> setups() {
      return setups;
    }
  }

  @Nested
  class Row extends RowContract {
    @Override
    protected List<Setup> setups() {
      return setups;
    }
  }

  @Nested
  class Flow extends FlowContract {
    @Override
    protected List<Setup> setups() {
      return setups;
    }
  }

  @Nested
  class Owned extends OwnershipContract {
    @Override
    protected HostDevice open() {
      return new HostDevice(2);
    }
  }

  @Nested
  class Memory extends MemoryContract {
    @Override
    protected List<Setup> setups() {
      return setups;
    }
  }

  @Nested
  class Optimizer extends OptimizerContract {
    @Override
    protected List<Setup> setups() {
      return setups;
    }
  }
}
