package org.mirror4j.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.mirror4j.checkpoint.ModelContents;
import org.mirror4j.checkpoint.ModelSettings;
import org.mirror4j.device.Device;
import org.mirror4j.optim.Optimization;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Workspace;

/**
 * A way of training: what it reads, what it trains on it and how, and what it writes. The sequence
 * that all ways have in common is {@link TrainingRun#execute}, which calls these in the order in
 * which they stand here.
 */
public interface Method {
  /** The name that the output says it was made by: of a recipe, or of the method itself. */
  String recipe();

  /** Seed of all that is random. */
  long seed();

  /** Files and directories that are read; the output has to lie apart from them. */
  List<Path> inputs();

  /**
   * Reads the inputs, tells the listener what was found, and calls {@code run} while they are open.
   *
   * @param compute how the steps will be computed
   * @throws RuntimeException naming the input that cannot be used; nothing has been written then
   */
  void read(Device device, ComputeOptions compute, TrainingListener listener, Consumer<Plan> run);

  /** A run over inputs that have been read, before any of its buffers is there. */
  interface Plan {
    /** Digest of the training data. */
    String dataHash();

    /**
     * Everything that the result depends on, names of inputs beside digests of their content. A run
     * goes on only with the settings it was begun with, but for {@code steps}.
     */
    ObjectNode settings();

    /** Says what follows from the settings for these inputs; called when those have been said. */
    default void remark(TrainingListener listener) {}

    /** What the run will take; plans all of its buffers in a counting workspace. */
    ResourceEstimate estimate();

    /** The options that a run takes less memory with when they are lowered. */
    String memoryOptions();

    /** Loads or makes the model. */
    Training begin(Workspace workspace);
  }

  /** A model that is trained. */
  interface Training {
    /** One or several sets of parameters; the log has the learning rate of the first. */
    List<Trainable> trainables();

    /** Steps by the optimisers of all of these. */
    Optimization optimization();

    /** Plans the buffers of the steps, which live until the task is closed. */
    TrainingTask task();

    /**
     * What is written when all steps are done.
     *
     * @param arena for tensors on their way from the device to the file
     * @param store type of the written weights
     * @param made what the written settings say of the run
     */
    ModelContents result(Arena arena, DType store, ModelSettings.Provenance made);
  }
}
