package org.mirror4j.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;

/** A small model to be written. */
final class TinyModel {
  private TinyModel() {}

  /** With all that a recipe leaves. */
  static ModelSettings settings(String pooling) {
    return new ModelSettings(
        Optional.of(pooling),
        OptionalInt.of(50),
        Optional.of(
            new ModelSettings.Provenance(
                "word",
                -7,
                "sha256:00",
                new TreeMap<>(Map.of("java", "25", "mirror4j", "1")),
                JsonFiles.object().put("batch_size", 200))));
  }

  /** One tensor, w, of 1 and -2. */
  static ModelContents of(DType dtype, String pooling) {
    ObjectNode config = JsonFiles.object().put("hidden_size", 2).put("num_hidden_layers", 3);
    MemorySegment values = MemorySegment.ofArray(new float[] {1, -2});
    return new ModelContents(
        config,
        List.of(new TensorEntry("w", dtype, Shape.of(2), values)),
        settings(pooling),
        path -> Files.writeString(path.resolve("vocab.txt"), "[PAD]"));
  }
}
