package org.mirror4j.device.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.mirror4j.device.Precision;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.ptx.LaunchOptions;
import org.mirror4j.device.ptx.PtxDriver;
import org.mirror4j.device.ptx.memory.CheckLevel;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * How long recordings are kept, by a driver that counts those that are open, and what they draw.
 */
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

  @Test
  void aReplayDrawsOfTheStepOfItsOwnDropout() {
    Dropout[] dropouts = {new Dropout(0.5, 0, 1), new Dropout(0.5, 0, 1)};
    float[] ones = new float[64];
    Arrays.fill(ones, 1);
    try (Workspace workspace = new Workspace(device)) {
      Tensor x = workspace.f32("x", 1, 64);
      Tensor y = workspace.f32("y", 1, 64);
      device.upload(x, ones);
      for (int time = 0; time < 3; time++) {
        for (int i = 0; i < 2; i++) {
          Dropout dropout = dropouts[i];
          dropout.step(1 + 2 * time + i);
          device.repeat(
              x.ownership(), i, () -> device.kernels().activation().dropout(y, x, dropout, 3));
          float[] found = new float[64];
          device.download(found, y);
          assertThat(found).containsExactly(kept(dropout, 3));
        }
      }
    }
  }

  private static float[] kept(Dropout dropout, int site) {
    int[] words = new int[4];
    float[] kept = new float[64];
    for (int i = 0; i < kept.length; i++) {
      kept[i] = dropout.half(words, site, i) < dropout.threshold() ? 0 : dropout.scale();
    }
    return kept;
  }
}
