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
 * code, else each text is one. The vectors are kept in temporary files, so that memory does not
 * grow with them; the model is freed before the flow is trained.
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
    try (FittingVectors vectors =
            new FittingVectors(device, model, modelName, encoding, texts, listener);
        Spooled spooled = new Spooled(vectors, settings, fidelity)) {
      run.accept(spooled);
    }
  }

  private static byte[] bytes(float[] vector) {
    byte[] bytes = new byte[vector.length * Float.BYTES];
    MemorySegment.ofArray(bytes).copyFrom(MemorySegment.ofArray(vector));
    return bytes;
  }

  /** Vectors one after the other, those of a pair side by side. */
  private static final class Spooled implements FlowVectors, AutoCloseable {
    private final FittingVectors model;
    private final FlowSettings settings;
    private final Fidelity fidelity;
    private final String sha256;

    /** Vectors of each epoch; without dropout those of one stand for all. */
    private final List<Spool> epochs = new ArrayList<>();

    Spooled(FittingVectors model, FlowSettings settings, Fidelity fidelity) {
      this.model = model;
      this.settings = settings;
      this.fidelity = fidelity;
      sha256 = model.textHash();
    }

    @Override
    public int size() {
      return Math.toIntExact(model.size() / sides());
    }

    @Override
    public int sides() {
      return model.pairs() ? 2 : 1;
    }

    @Override
    public int channels() {
      return model.width();
    }

    @Override
    public String sha256() {
      return sha256;
    }

    @Override
    public void compute() {
      // Freed as soon as they are there.
      try (FittingVectors _ = model) {
        if (fidelity == Fidelity.CLEAN) {
          model.read(epoch());
          return;
        }
        Function<List<String>, float[][]> dropping = model.dropping(DROPOUT_RATE, settings.seed());
        while (epochs.size() < settings.readings(size())) {
          model.read(dropping, epoch());
        }
      }
    }

    private Consumer<float[]> epoch() {
      epochs.add(new Spool());
      return vector -> epochs.getLast().append(bytes(vector));
    }

    @Override
    public void read(int epoch, int item, int side, float[] to, int offset) {
      Spool spool = epochs.get(fidelity == Fidelity.CLEAN ? 0 : epoch);
      MemorySegment vector = MemorySegment.ofArray(spool.get(item * sides() + side));
      MemorySegment.copy(vector, ValueLayout.JAVA_FLOAT_UNALIGNED, 0, to, offset, channels());
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

    @Override
    public void close() {
      epochs.forEach(Spool::close);
    }
  }
}
