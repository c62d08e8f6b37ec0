package org.mirror4j.calibrate.flow;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.mirror4j.device.Device;
import org.mirror4j.device.operation.Flow;
import org.mirror4j.tensor.Allocator;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * A normalising flow over sentence vectors (Li et al. 2020; Kingma and Dhariwal 2018): an
 * invertible map of vectors whose images are distributed like a standard Gaussian, as the released
 * code of BERT-flow has it. {@link FlowPass} maps vectors, {@link FlowGradient} has the loss.
 *
 * @param architecture its sizes
 * @param table where each parameter lies
 * @param parameters flat, f32
 * @param orders i32[channels] of each level, the order that the permutation gives
 */
public record NormalizingFlow(
    FlowArchitecture architecture, ParameterTable table, Tensor parameters, List<Tensor> orders) {
  /** Where the parameters of a flow lie. */
  public static ParameterTable table(FlowArchitecture architecture) {
    return ParameterTable.of(List.of(scope -> FlowParameters.of(scope, architecture)));
  }

  /**
   * A flow of unspecified parameters, for a workspace that only counts or is filled afterwards.
   *
   * @param device null when {@code workspace} only counts
   */
  public static NormalizingFlow plan(
      Device device, Workspace workspace, FlowArchitecture architecture) {
    ParameterTable table = table(architecture);
    List<Tensor> orders = new ArrayList<>();
    for (int level = 0; level < architecture.levels(); level++) {
      int channels = architecture.channels(level);
      Tensor order = workspace.i32("order", channels);
      if (device != null) {
        device.upload(order, IntStream.range(0, channels).map(c -> channels - 1 - c).toArray());
      }
      orders.add(order);
    }
    return new NormalizingFlow(
        architecture, table, workspace.f32("flowParameters", table.size()), List.copyOf(orders));
  }

  /**
   * A flow with fresh parameters: weights from a normal distribution, the last of each coupling 0,
   * all else 0 until {@link FlowInitialization} has seen vectors.
   */
  public static NormalizingFlow fresh(
      Device device, Workspace workspace, FlowArchitecture architecture, long seed) {
    NormalizingFlow flow = plan(device, workspace, architecture);
    device.kernels().memory().fill(flow.parameters, 0);
    for (ParameterTable.Entry entry : flow.table.entries()) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment values = arena.allocate(4 * entry.shape().size(), Allocator.ALIGNMENT);
        entry.parameter().initialize(values, seed);
        device.upload(flow.table.view(flow.parameters, entry.name()), values);
      }
    }
    return flow;
  }

  /** The parameters as views of a flat buffer: of themselves or of gradients. */
  FlowParameters views(Tensor flat) {
    return FlowParameters.of(table.scope(flat), architecture);
  }

  /**
   * What the activation normalisations add to every vector's log-determinant, {@code sum 3
   * logScale}.
   *
   * @param logScales all of them
   */
  static double logDeterminant(float[] logScales) {
    double sum = 0;
    for (float logScale : logScales) {
      sum += logScale;
    }
    return Flow.LOG_SCALE_FACTOR * sum;
  }
}
