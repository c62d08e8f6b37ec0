package org.mirror4j.bench.operation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.List;
import org.mirror4j.bench.contest.Work;
import org.mirror4j.device.Device;
import org.mirror4j.device.Dropout;
import org.mirror4j.tensor.Workspace;

/**
 * A fused operation of the engine and the same as a sequence of DJL's operations, on the same
 * inputs, at the sizes of a step of BERT-base.
 */
interface Operation {
  /** What one call works through. */
  Work work();

  /** The engine's side: forward and backward launched by {@code run}. */
  Engine engine(Device device, Workspace workspace, Dropout dropout);

  /** DJL's side. */
  Rival rival(NDManager manager, float dropoutRate);

  /** Launches and what they leave. */
  interface Engine {
    /** Computes forward and backward. */
    void run();

    /** What is compared: the output, or the gradient of the input. */
    float[] result();
  }

  /** A sequence whose gradients PyTorch finds. */
  interface Rival {
    /** Inputs whose gradients are wanted. */
    List<NDArray> inputs();

    /** The output, given a manager for what lies between. */
    NDArray forward(NDManager step);

    /** Gradient of the output that is sent back; null where the output is a scalar loss. */
    NDArray outputGradient();
  }
}
