package org.mirror4j.method.flow;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.mirror4j.checkpoint.CalibrationSettings;
import org.mirror4j.checkpoint.ModelContents;
import org.mirror4j.device.Device;
import org.mirror4j.encode.Encoding;
import org.mirror4j.encode.FittingTexts;
import org.mirror4j.encode.FittingVectors;
import org.mirror4j.file.AtomicFiles;
import org.mirror4j.text.Spool;
import org.mirror4j.train.Fidelity;
import org.mirror4j.train.TrainingListener;

/**
 * A model directory and texts. Where all of these are pairs an item is a pair, as in the released
 * code, else each text is one. The vectors are computed first and kept in temporary files, so that
 * memory does not grow with them; the model is freed before the flow is trained.
 *
 * <p>The vectors of {@link Fidelity#RELEASED} are computed for each epoch anew, with the dropout of
 * the encoder; those of {@link Fidelity#CLEAN} once and without: as the calibrated model will map
 * them.
 *
 * @param model directory
 * @param modelName what the settings of the run call it
 * @param encoding how texts become vectors; the output's settings say the same
 * @param texts that the flow is fitted on
 * @param inputs files and directories that are read
 */
public record ModelSource(
    Path model, String modelName, Encoding encoding, List<FittingTexts> texts, List<Path> inputs)
    implements FlowSource {
  /** What the output says of its calibration. */
  private static final String METHOD = "normalising flow";

  /** Of the released configurations, hidden states and attention alike. */
  private static final double DROPOUT_RATE = 0.1;

  @Override
  public void read(
      Device device,
      FlowSettings settings,
      Fidelity fidelity,
      TrainingListener listener,
      Consumer<FlowVectors> run) {
    try (Epochs epochs = new Epochs(new ArrayList<>())) {
      FittingVectors model;
      int channels;
      String textHash;
      try (FittingVectors vectors =
          new FittingVectors(device, this.model, modelName, encoding, texts, listener)) {
        model = vectors;
        channels = vectors.width();
        if (fidelity == Fidelity.CLEAN) {
          Spool spool = epochs.begin();
          textHash = vectors.read(vector -> spool.append(bytes(vector)));
        } else {
          textHash = readDropping(vectors, settings, epochs);
        }
      }
      run.accept(new Spooled(model, fidelity, epochs.spools(), channels, textHash));
    }
  }

  private static String readDropping(FittingVectors vectors, FlowSettings settings, Epochs epochs) {
    Function<List<String>, float[][]> dropping = vectors.dropping(DROPOUT_RATE, settings.seed());
    int items = Math.toIntExact(vectors.size() / sides(vectors));
    String textHash;
    do {
      Spool spool = epochs.begin();
      textHash = vectors.read(dropping, vector -> spool.append(bytes(vector)));
    } while (items > 0 && epochs.spools().size() < settings.readings(items));
    return textHash;
  }

  private static int sides(FittingVectors vectors) {
    return vectors.pairs() ? 2 : 1;
  }

  /** Vectors of one epoch after the other. */
  private record Epochs(List<Spool> spools) implements AutoCloseable {
    Spool begin() {
      spools.add(new Spool());
      return spools.getLast();
    }

    @Override
    public void close() {
      spools.forEach(Spool::close);
    }
  }

  private static byte[] bytes(float[] vector) {
    byte[] bytes = new byte[vector.length * Float.BYTES];
    MemorySegment.ofArray(bytes).copyFrom(MemorySegment.ofArray(vector));
    return bytes;
  }

  /**
   * Vectors one after the other, those of a pair side by side.
   *
   * @param epochs vectors of each; without dropout one stands for all
   */
  private record Spooled(
      FittingVectors model, Fidelity fidelity, List<Spool> epochs, int channels, String sha256)
      implements FlowVectors {
    @Override
    public int size() {
      return epochs.getFirst().size() / sides();
    }

    @Override
    public int sides() {
      return ModelSource.sides(model);
    }

    @Override
    public void read(int epoch, int item, int side, float[] to, int offset) {
      Spool spool = epochs.get(fidelity == Fidelity.CLEAN ? 0 : epoch);
      MemorySegment vector = MemorySegment.ofArray(spool.get(item * sides() + side));
      MemorySegment.copy(vector, ValueLayout.JAVA_FLOAT_UNALIGNED, 0, to, offset, channels);
    }

    @Override
    public ObjectNode settings() {
      return model.settings();
    }

    @Override
    public ModelContents contents(ObjectNode run, AtomicFiles.DirectoryWriter flow) {
      return model.calibrated(
          CalibrationSettings.Form.FLOW, METHOD, sha256, run, Optional.empty(), flow);
    }
  }
}
