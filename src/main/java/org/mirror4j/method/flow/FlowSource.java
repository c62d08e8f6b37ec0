package org.mirror4j.method.flow;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.mirror4j.device.Device;
import org.mirror4j.train.Fidelity;
import org.mirror4j.train.TrainingListener;

/** Where the vectors that a flow sees come from. */
public interface FlowSource {
  /** Files and directories that are read. */
  List<Path> inputs();

  /**
   * Reads what the vectors are made of and calls {@code run} while it is open.
   *
   * @param settings how often the texts are gone through, and the seed
   * @param fidelity whether the model drops
   * @throws RuntimeException naming the input that cannot be used
   */
  void read(
      Device device,
      FlowSettings settings,
      Fidelity fidelity,
      TrainingListener listener,
      Consumer<FlowVectors> run);
}
