package org.mirror4j.device.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.mirror4j.device.Precision;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.ptx.LaunchOptions;
import org.mirror4j.device.ptx.PtxDriver;
import org.mirror4j.device.ptx.memory.CheckLevel;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/** How long recordings are kept, by a driver that counts those that are open. */
class DriverDeviceTest {
  private final Driver driver = new PtxDriver(CheckLevel.BOUNDS, LaunchOptions.defaults());
  private final DriverDevice device = new DriverDevice("ptx", counting(), KernelLibrary.bundled());
  private int recorded;
  private int open;

  @AfterEach
  void close() {
    device.close();
  }

  private Driver counting() {
    return (Driver)
        Proxy.newProxyInstance(
            Driver.class.getClassLoader(),
            new Class<?>[] {Driver.class},
            (proxy, method, arguments) -> {
              try {
                Object result = method.invoke(driver, arguments);
                return result instanceof Driver.Recording one ? counted(one) : result;
              } catch (InvocationTargetException failure) {
                throw failure.getCause();
              }
            });
  }

  private Driver.Recording counted(Driver.Recording recording) {
    recorded++;
    open++;
    return new Driver.Recording() {
      @Override
      public void replay() {
        recording.replay();
      }

      @Override
      public void close() {
        open--;
        recording.close();
      }
    };
  }

  private void triple(DriverDevice device, Tensor x) {
    device.repeat(x.ownership(), "step", () -> device.kernels().optimizer().scale(x, 3));
  }

  @Test
  void recordingsEndWithTheMemoryTheyWorkIn() {
    Workspace first = new Workspace(device);
    Workspace second = new Workspace(device);
    Tensor x = first.f32("x", 5);
    Tensor y = second.lending(second.f32("memory", 99)).f32("y", 5);
    device.upload(x, new float[] {1, 1, 1, 1, 1});
    for (int time = 0; time < 3; time++) {
      triple(device, x);
      triple(device, y);
      triple(device.computing(Precision.TF32), x);
    }
    float[] values = new float[5];
    device.download(values, x);
    assertThat(values).containsOnly(729);
    assertThat(recorded).isEqualTo(3);
    assertThat(open).isEqualTo(3);
    first.close();
    assertThat(open).isEqualTo(1);
    first.close();
    triple(device, y);
    assertThat(recorded).isEqualTo(3);
    device.close();
    assertThat(open).isZero();
    second.close();
    assertThat(open).isZero();
  }
}
