package org.mirror4j.calibrate.flow;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.mirror4j.calibrate.VectorMap;
import org.mirror4j.device.Device;
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
 * @param constants of each step
 */
public record NormalizingFlow(
    FlowArchitecture architecture,
    ParameterTable table,
    Tensor parameters,
    List<StepConstants> constants)
    implements VectorMap {
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
    List<StepConstants> constants = new ArrayList<>();
    for (int i = 0; i < architecture.levels() * architecture.depth(); i++) {
      int channels = architecture.channels(i / architecture.depth());
      Tensor order = workspace.i32("order", channels);
      boolean learned = architecture.permutation() == FlowPermutation.PLU;
      if (device != null) {
        device.upload(order, IntStream.range(0, channels).map(c -> channels - 1 - c).toArray());
      }
      constants.add(new StepConstants(order, learned ? workspace.f32("sign", channels) : null));
    }
    return new NormalizingFlow(
        architecture, table, workspace.f32("flowParameters", table.size()), List.copyOf(constants));
  }

  /**
   * A flow with fresh parameters: weights from a normal distribution, the last of each coupling 0,
   * learned permutations from random rotations, all else 0 until {@link FlowInitialization} has
   * seen vectors.
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
    if (architecture.permutation() == FlowPermutation.PLU) {
      for (int i = 0; i < flow.constants.size(); i++) {
        flow.rotate(device, i, seed);
      }
    }
    return flow;
  }

  /** Lets the learned permutation of a step begin as a random rotation. */
  private void rotate(Device device, int step, long seed) {
    StepParameters own = views(parameters).steps().get(step);
    String module = FlowParameters.module(architecture, step);
    OrthogonalFactors drawn =
        OrthogonalFactors.draw(own.factorLogScale().rows(), seed ^ module.hashCode());
    device.upload(constants.get(step).order(), drawn.order());
    device.upload(constants.get(step).sign(), drawn.sign());
    device.upload(own.factors(), drawn.factors());
    device.upload(own.factorLogScale(), drawn.logScale());
  }

  @Override
  public int inputWidth() {
    return architecture.channels();
  }

  @Override
  public int outputWidth() {
    return architecture.channels();
  }

  @Override
  public Pass plan(Device device, Workspace workspace, int rows) {
    return new FlowPass(device, workspace, this, rows)::forward;
  }

  /** The parameters as views of a flat buffer: of themselves or of gradients. */
  FlowParameters views(Tensor flat) {
    return FlowParameters.of(table.scope(flat), architecture);
  }
}
