package org.mirror4j.research.cases;

import java.util.List;
import org.mirror4j.device.Device;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.tensor.DType;

/**
 * An operation with inputs drawn from a seed, at any sizes.
 *
 * @param operation name of the method of {@link Kernels}, and what else sets the case apart
 * @param base sizes of a BERT-base training step
 * @param awkward sizes around multiples of vectors, warps and blocks
 * @param body makes the operands, and the call on them
 */
public record OperationCase(String operation, Sizes base, List<Sizes> awkward, Body body) {
  /** What is done. */
  @FunctionalInterface
  public interface Body {
    /** Allocates and fills the operands and names the outputs; what is returned is the call. */
    Runnable prepare(Kernels kernels, CaseTensors tensors, Sizes sizes);
  }

  static OperationCase of(String operation, String base, List<String> awkward, Body body) {
    return new OperationCase(
        operation, Sizes.of(base), awkward.stream().map(Sizes::of).toList(), body);
  }

  /** What is done with dropout or without. */
  @FunctionalInterface
  interface DroppingBody {
    /** As of a {@link Body}. */
    Runnable prepare(Kernels kernels, CaseTensors tensors, Sizes sizes, boolean drops);
  }

  static OperationCase dropping(
      String name, String base, List<String> awkward, boolean drops, DroppingBody body) {
    return of(
        name,
        base,
        awkward,
        (kernels, tensors, sizes) -> body.prepare(kernels, tensors, sizes, drops));
  }

  /** Of the inputs of every case. */
  public static final long SEED = 1;

  /**
   * Operands in the memory of a device.
   *
   * @param call the operation on them, as often as wanted
   */
  public record Prepared(Runnable call, CaseTensors tensors) implements AutoCloseable {
    /** Frees the operands. */
    @Override
    public void close() {
      tensors.close();
    }
  }

  /**
   * Allocates and fills the operands.
   *
   * @param stored what the device keeps activations as
   * @param rounded what inputs are rounded to
   */
  public Prepared prepare(Device device, DType stored, DType rounded, Sizes sizes) {
    CaseTensors tensors = new CaseTensors(device, stored, rounded, SEED);
    try {
      return new Prepared(body.prepare(device.kernels(), tensors, sizes), tensors);
    } catch (RuntimeException e) {
      tensors.close();
      throw e;
    }
  }

  /**
   * Does it and reads the results.
   *
   * @param stored what the device keeps activations as
   * @param rounded what inputs are rounded to
   */
  public List<CaseResult> results(Device device, DType stored, DType rounded, Sizes sizes) {
    try (Prepared prepared = prepare(device, stored, rounded, sizes)) {
      prepared.call.run();
      return prepared.tensors.results();
    }
  }

  @Override
  public String toString() {
    return operation;
  }
}
