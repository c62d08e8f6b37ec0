package org.mirror4j.bench.operation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.List;
import org.mirror4j.bench.contest.Work;
import org.mirror4j.device.operation.Dropout;

/**
 * A fused operation of the engine, and the same as a sequence of DJL's operations on the same
 * inputs, forward and backward.
 */
interface MeasuredOperation {
  /** What one call works through. */
  Work work();

  /** The engine's side. */
  EngineSide engine(Buffers buffers, Dropout dropout);

  /** DJL's side. */
  RivalSide rival(NDManager manager, float dropoutRate);

  /** Launches and what they leave. */
  interface EngineSide {
    /** Computes forward and, from an output gradient of ones, backward. */
    void run();

    /** What is compared: the gradient of the first input, or the inputs that were updated. */
    float[] result();
  }

  /** A sequence whose gradients PyTorch finds. */
  interface RivalSide {
    /** Inputs whose gradients are wanted; what is compared is that of the first. */
    List<NDArray> inputs();

    /** The output, from inputs in the order of {@link #inputs}. */
    NDArray forward(List<NDArray> inputs);
  }
}
