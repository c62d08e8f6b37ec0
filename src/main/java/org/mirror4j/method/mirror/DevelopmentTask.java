package org.mirror4j.method.mirror;

import java.nio.file.Path;
import java.util.List;
import java.util.SequencedMap;
import org.mirror4j.bert.TextEncoder;
import org.mirror4j.device.Device;
import org.mirror4j.train.Settings;

/**
 * What a model is scored on while it is tuned, so that the best of its steps is the result.
 *
 * @param task its name, as the settings of the run have it
 * @param files that it is read from
 * @param hash digest of these
 * @param steps it is scored each so many steps, and at the end
 * @param scorer what scores
 */
public record DevelopmentTask(
    String task, List<Path> files, String hash, int steps, Scorer scorer) {
  /** Scores an encoder. */
  @FunctionalInterface
  public interface Scorer {
    /**
     * The scores of an encoder as it is now.
     *
     * @return by their names, at least one, of which the first decides; NaN where it is not defined
     */
    SequencedMap<String, Double> of(Device device, TextEncoder encoder);
  }

  /** Checks the number of steps. */
  public DevelopmentTask {
    Settings.atLeast("--dev-steps", steps, 1);
    files = List.copyOf(files);
  }
}
