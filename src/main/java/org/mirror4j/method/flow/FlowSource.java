package org.mirror4j.method.flow;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.checkpoint.ModelSettings;
import org.mirror4j.device.Device;
import org.mirror4j.file.AtomicFiles;
import org.mirror4j.tensor.DType;
import org.mirror4j.train.TrainingListener;

/** A model whose vectors are calibrated, and the texts that the flow sees. */
public interface FlowSource {
  /** Files and directories that are read. */
  List<Path> inputs();

  /** What a run's settings say of model and texts: their names beside digests of their content. */
  ObjectNode settings();

  /**
   * Makes the vectors and calls {@code run} while they are there.
   *
   * @throws RuntimeException naming the input that cannot be used
   */
  void read(Device device, TrainingListener listener, Consumer<FlowVectors> run);

  /**
   * The model with its flow, to be written.
   *
   * @param arena for tensors on their way to the file
   * @param store type of the written weights
   * @param made what the written settings say of the run
   * @param flow writes {@code flow.safetensors}
   */
  ModelDirectory.Contents contents(
      Arena arena, DType store, ModelSettings.Provenance made, AtomicFiles.DirectoryWriter flow);
}
