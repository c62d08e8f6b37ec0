package org.mirror4j.train;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import org.mirror4j.checkpoint.TrainingState;
import org.mirror4j.device.Device;
import org.mirror4j.optim.AdamW;
import org.mirror4j.optim.Clipping;
import org.mirror4j.optim.LearningRateSchedule;
import org.mirror4j.optim.LossScaler;
import org.mirror4j.optim.Optimization;
import org.mirror4j.tensor.Allocator;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * Parameters with all that training them takes besides activations, flat and laid out alike.
 *
 * @param table where each parameter lies
 * @param parameters f32
 * @param stored the parameters in the storage type; may be {@code parameters}
 * @param gradients f32, times the loss scale
 * @param optimizer with the moments
 */
public record Trainable(
    ParameterTable table, Tensor parameters, Tensor stored, Tensor gradients, AdamW optimizer) {

  /**
   * Plans gradients and moments, which are zero.
   *
   * @param device null when {@code workspace} only counts
   */
  public static Trainable of(
      Device device,
      Workspace workspace,
      ParameterTable table,
      Tensor parameters,
      Tensor stored,
      AdamW.Settings settings,
      LearningRateSchedule schedule) {
    return of(
        device,
        workspace,
        table,
        parameters,
        stored,
        List.of(new AdamW.Group(name -> true, settings, schedule)),
        Optional.empty());
  }

  /**
   * The same of parameters that are not all updated alike.
   *
   * @param groups of which each parameter is in one
   * @param lookedUp name of a matrix of which a step reads some rows, see {@link AdamW}
   */
  public static Trainable of(
      Device device,
      Workspace workspace,
      ParameterTable table,
      Tensor parameters,
      Tensor stored,
      List<AdamW.Group> groups,
      Optional<String> lookedUp) {
    Tensor gradients = workspace.f32("gradients", table.size());
    if (device != null) {
      // Between parameters may lie elements that no pass writes.
      device.kernels().memory().fill(gradients, 0);
    }
    AdamW optimizer =
        new AdamW(device, workspace, table, parameters, stored, gradients, groups, lookedUp);
    return new Trainable(table, parameters, stored, gradients, optimizer);
  }

  /**
   * Plans the steps of this optimiser alone, with the loss scale that the storage type needs.
   *
   * @param device null when {@code workspace} only counts
   */
  public Optimization optimization(Device device, Workspace workspace, Clipping clipping) {
    return new Optimization(
        device, workspace, List.of(optimizer), clipping, LossScaler.of(stored.dtype()));
  }

  /** Parameters and moments as they are now, in memory of {@code arena}. */
  TrainingState.Buffers download(Device device, Arena arena) {
    optimizer.settle();
    return new TrainingState.Buffers(
        table,
        download(device, arena, parameters),
        download(device, arena, optimizer.firstMoment()),
        download(device, arena, optimizer.secondMoment()));
  }

  /** Parameters as they are now, in memory of {@code arena}. */
  TrainingState.Buffers downloadParameters(Device device, Arena arena) {
    optimizer.settle();
    return TrainingState.Buffers.ofParameters(table, download(device, arena, parameters));
  }

  private static MemorySegment download(Device device, Arena arena, Tensor tensor) {
    MemorySegment host = arena.allocate(tensor.bytes(), Allocator.ALIGNMENT);
    device.download(host, tensor);
    return host;
  }

  /** Overwrites parameters, stored ones too, and moments where there are any. */
  void upload(Device device, TrainingState.Buffers buffers) {
    device.upload(parameters, buffers.parameters());
    if (stored != parameters) {
      device.kernels().memory().convert(stored, parameters);
    }
    if (buffers.firstMoments() != null) {
      optimizer.recall(buffers.firstMoments(), buffers.secondMoments());
    }
  }
}
