package org.mirror4j.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mirror4j.device.Device;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.support.DeviceBuffers;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Parameter;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/** One optimiser of two groups does what two optimisers of a group each do. */
class AdamWGroupsTest {
  private static final AdamW.Settings BERT = AdamW.Settings.bert(0.1);
  private static final AdamW.Settings ADAM = AdamW.Settings.adam();
  private static final LearningRateSchedule FALLING = LearningRateSchedule.linear(0.02, 0, 9);
  private static final LearningRateSchedule CONSTANT = LearningRateSchedule.constant(0.01);

  private static final ParameterTable.Block ENCODER =
      scope -> {
        scope.take(Parameter.weight("encoder.weight", 5, 7, 1));
        scope.take(Parameter.bias("encoder.bias", 19));
      };
  private static final ParameterTable.Block HEAD =
      scope -> {
        scope.take(Parameter.weight("head.weight", 3, 11, 1));
        scope.take(Parameter.bias("head.bias", 2));
        scope.take(Parameter.weight("head.other", 4, 1, 1));
      };

  /** Parameters of some blocks with their gradients. */
  private record Side(ParameterTable table, Tensor parameters, Tensor gradients) {
    static Side of(Device device, Workspace workspace, ParameterTable.Block... blocks) {
      ParameterTable table = ParameterTable.of(List.of(blocks));
      Side side =
          new Side(
              table,
              workspace.f32("parameters", table.size()),
              workspace.f32("gradients", table.size()));
      side.draw(device, side.parameters, 1);
      return side;
    }

    /** What a parameter is given depends on its name and the seed alone. */
    void draw(Device device, Tensor flat, long seed) {
      device.kernels().memory().fill(flat, 0);
      for (ParameterTable.Entry entry : table.entries()) {
        Random random = new Random(seed + entry.name().hashCode());
        int size = (int) entry.shape().size();
        device.upload(table.view(flat, entry.name()), DeviceBuffers.normal(random, size, 2));
      }
    }

    float[] values(Device device, String name) {
      Tensor view = table.view(parameters, name);
      float[] values = new float[(int) view.size()];
      device.download(values, view);
      return values;
    }
  }

  @ParameterizedTest
  @EnumSource
  void asTwoOptimisers(Clipping.Over over) {
    try (Device device = new HostDevice(1);
        Workspace workspace = new Workspace(device)) {
      Side both = Side.of(device, workspace, ENCODER, HEAD);
      Side encoder = Side.of(device, workspace, ENCODER);
      Side head = Side.of(device, workspace, HEAD);
      AdamW grouped =
          adam(
              device,
              workspace,
              both,
              List.of(
                  new AdamW.Group(name -> name.startsWith("encoder"), BERT, FALLING),
                  new AdamW.Group(name -> name.startsWith("head"), ADAM, CONSTANT)));
      AdamW first =
          adam(device, workspace, encoder, List.of(new AdamW.Group(name -> true, BERT, FALLING)));
      AdamW second =
          adam(device, workspace, head, List.of(new AdamW.Group(name -> true, ADAM, CONSTANT)));
      Clipping clipping = new Clipping(over, 1);
      LossScaler scaler = LossScaler.of(DType.F32);
      Optimization one = new Optimization(device, workspace, List.of(grouped), clipping, scaler);
      Optimization two =
          new Optimization(device, workspace, List.of(first, second), clipping, scaler);
      for (int step = 1; step <= 4; step++) {
        for (Side side : List.of(both, encoder, head)) {
          side.draw(device, side.gradients, 10 * step);
        }
        one.step(step);
        two.step(step);
      }
      for (Side side : List.of(encoder, head)) {
        for (ParameterTable.Entry entry : side.table.entries()) {
          float[] expected = side.values(device, entry.name());
          float[] got = both.values(device, entry.name());
          for (int i = 0; i < expected.length; i++) {
            // A sum of squares over several parameters is rounded where a part of them ends.
            float off = 1e-6f;
            assertThat(got[i]).as(entry.name()).isBetween(expected[i] - off, expected[i] + off);
          }
        }
      }
    }
  }

  private static AdamW adam(
      Device device, Workspace workspace, Side side, List<AdamW.Group> groups) {
    return new AdamW(
        device,
        workspace,
        side.table,
        side.parameters,
        side.parameters,
        side.gradients,
        groups,
        Optional.empty());
  }

  @Test
  void eachParameterIsInOneGroup() {
    try (Device device = new HostDevice(1);
        Workspace workspace = new Workspace(device)) {
      Side both = Side.of(device, workspace, ENCODER, HEAD);
      assertThatThrownBy(
              () ->
                  adam(
                      device,
                      workspace,
                      both,
                      List.of(
                          new AdamW.Group(name -> name.endsWith("weight"), BERT, FALLING),
                          new AdamW.Group(name -> name.startsWith("head"), ADAM, CONSTANT))))
          .hasMessage("parameter head.weight is in 2 groups, expected one");
    }
  }
}
