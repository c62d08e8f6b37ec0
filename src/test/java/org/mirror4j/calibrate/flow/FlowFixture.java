package org.mirror4j.calibrate.flow;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.mirror4j.device.Device;
import org.mirror4j.reference.ReferenceFlow;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/** A flow of drawn parameters on a device, and the same one in double. */
final class FlowFixture implements AutoCloseable {
  final Device device;
  final Workspace workspace;
  final FlowArchitecture architecture;
  final NormalizingFlow flow;

  FlowFixture(Device device, FlowArchitecture architecture) {
    this.device = device;
    this.architecture = architecture;
    workspace = new Workspace(device);
    flow = NormalizingFlow.fresh(device, workspace, architecture, 5);
  }

  /** The flow of a file. */
  FlowFixture(Device device, Path file) {
    this.device = device;
    architecture = FlowFile.architecture(file);
    workspace = new Workspace(device);
    flow = FlowFile.read(device, workspace, file);
  }

  /** Draws every parameter, so that no part of the flow is as it began. */
  FlowFixture drawn(long seed) {
    Random random = new Random(seed);
    for (ParameterTable.Entry entry : flow.table().entries()) {
      // Products with the factors of a permutation stay well conditioned.
      double deviation =
          entry.name().endsWith("weight") ? 0.4 : entry.name().endsWith("factors") ? 0.05 : 0.15;
      float[] values = new float[(int) entry.shape().size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (deviation * random.nextGaussian());
      }
      device.upload(flow.table().view(flow.parameters(), entry.name()), values);
    }
    return this;
  }

  Tensor vectors(float[] values) {
    int channels = architecture.channels();
    Tensor tensor = workspace.f32("u", values.length / channels, channels);
    device.upload(tensor, values);
    return tensor;
  }

  float[] values(Tensor tensor) {
    float[] values = new float[(int) tensor.size()];
    device.download(values, tensor);
    return values;
  }

  /** The flow as it is now, in double. */
  ReferenceFlow reference() {
    Map<String, double[]> parameters = new HashMap<>();
    for (ParameterTable.Entry entry : flow.table().entries()) {
      parameters.put(
          entry.name(), doubles(values(flow.table().view(flow.parameters(), entry.name()))));
    }
    for (int i = 0; i < flow.constants().size(); i++) {
      StepConstants constants = flow.constants().get(i);
      if (constants.sign() != null) {
        String name = FlowParameters.module(architecture, i) + ".permutation.";
        int n = constants.order().rows();
        MemorySegment order = Arena.ofAuto().allocate(4L * n, 4);
        device.download(order, constants.order());
        parameters.put(
            name + "order",
            Arrays.stream(order.toArray(ValueLayout.JAVA_INT)).asDoubleStream().toArray());
        parameters.put(name + "sign", doubles(values(constants.sign())));
      }
    }
    return new ReferenceFlow(
        architecture.channels(),
        architecture.levels(),
        architecture.depth(),
        architecture.width(),
        architecture.coupling() == FlowCoupling.AFFINE,
        parameters);
  }

  static double[] doubles(float[] values) {
    double[] copy = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      copy[i] = values[i];
    }
    return copy;
  }

  /** Vectors like those of sentences: dimensions of different means and spreads that correlate. */
  static float[] drawVectors(int rows, int channels, long seed) {
    Random random = new Random(seed);
    double[] mean = new double[channels];
    double[] spread = new double[channels];
    for (int c = 0; c < channels; c++) {
      mean[c] = 0.5 * random.nextGaussian();
      spread[c] = Math.exp(0.5 * random.nextGaussian()) / 3;
    }
    float[] values = new float[rows * channels];
    for (int r = 0; r < rows; r++) {
      double common = random.nextGaussian();
      for (int c = 0; c < channels; c++) {
        values[r * channels + c] =
            (float) (mean[c] + spread[c] * (random.nextGaussian() + (c % 3 - 1) * common));
      }
    }
    return values;
  }

  static double[][] rows(float[] values, int channels) {
    double[][] rows = new double[values.length / channels][channels];
    for (int i = 0; i < values.length; i++) {
      rows[i / channels][i % channels] = values[i];
    }
    return rows;
  }

  @Override
  public void close() {
    workspace.close();
  }
}
