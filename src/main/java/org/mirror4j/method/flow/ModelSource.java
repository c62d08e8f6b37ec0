package org.mirror4j.method.flow;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.mirror4j.checkpoint.CalibrationSettings;
import org.mirror4j.checkpoint.ModelContents;
import org.mirror4j.device.Device;
import org.mirror4j.encode.Encoding;
import org.mirror4j.encode.FittingTexts;
import org.mirror4j.encode.FittingVectors;
import org.mirror4j.file.AtomicFiles;
import org.mirror4j.text.Spool;
import org.mirror4j.train.TrainingListener;

/**
 * A model directory and texts. Where all of these are pairs an item is a pair, as in the released
 * code, else each text is one. The vectors are computed once and kept in a temporary file, so that
 * memory does not grow with them; the model is freed before the flow is trained.
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

  @Override
  public void read(Device device, TrainingListener listener, Consumer<FlowVectors> run) {
    try (Spool spool = new Spool()) {
      FittingVectors model;
      int channels;
      String textHash;
      try (FittingVectors vectors =
          new FittingVectors(device, this.model, modelName, encoding, texts, listener)) {
        model = vectors;
        channels = vectors.width();
        textHash = vectors.read(vector -> spool.append(bytes(vector)));
      }
      run.accept(new Spooled(model, spool, channels, textHash));
    }
  }

  private static byte[] bytes(float[] vector) {
    byte[] bytes = new byte[vector.length * Float.BYTES];
    MemorySegment.ofArray(bytes).copyFrom(MemorySegment.ofArray(vector));
    return bytes;
  }

  /** Vectors one after the other, those of a pair side by side. */
  private record Spooled(FittingVectors model, Spool spool, int channels, String sha256)
      implements FlowVectors {
    @Override
    public int size() {
      return spool.size() / sides();
    }

    @Override
    public int sides() {
      return model.pairs() ? 2 : 1;
    }

    @Override
    public void read(int item, int side, float[] to, int offset) {
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
