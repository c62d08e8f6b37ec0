package org.mirror4j.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Pooling and length as sentence-transformers stores them: {@code modules.json}, {@code
 * 1_Pooling/config.json}, {@code sentence_bert_config.json}. It knows no mean over padding: {@code
 * mean-padded} is written as its mean, and differs there by the padding.
 */
final class SentenceTransformersFiles {
  private static final String MODULES = "modules.json";
  private static final String POOLING = "1_Pooling";
  private static final String LENGTH = "sentence_bert_config.json";
  private static final String PACKAGE = "sentence_transformers.models.";
  private static final String CLS_FLAG = "pooling_mode_cls_token";
  private static final String MEAN_FLAG = "pooling_mode_mean_tokens";

  private SentenceTransformersFiles() {}

  /** What the files say, as far as they are there. */
  static ModelSettings read(Path directory) {
    Path modules = directory.resolve(MODULES);
    if (Files.exists(modules)) {
      checkModules(modules);
    }
    Path pooling = directory.resolve(POOLING).resolve("config.json");
    Path length = directory.resolve(LENGTH);
    return new ModelSettings(
        Files.exists(pooling) ? Optional.of(readPooling(pooling)) : Optional.empty(),
        Files.exists(length) ? readLength(length) : OptionalInt.empty(),
        Optional.empty());
  }

  /** A module after the pooling, a dense layer say, would silently be left out of the embedding. */
  private static void checkModules(Path file) {
    for (JsonNode module : JsonFiles.read(file)) {
      String type = module.path("type").asText();
      String name = type.substring(type.lastIndexOf('.') + 1);
      if (!Set.of("Transformer", "Pooling", "Normalize").contains(name)) {
        throw new CheckpointException(
            file
                + ": module "
                + CheckpointException.quote(type)
                + ", expected Transformer, Pooling and Normalize only");
      }
    }
  }

  private static String readPooling(Path file) {
    ObjectNode json = JsonFiles.readObject(file);
    List<String> modes = new ArrayList<>();
    if (json.path("pooling_mode").isTextual()) {
      modes.add(json.path("pooling_mode").textValue());
    }
    for (Map.Entry<String, JsonNode> flag : json.properties()) {
      if (flag.getKey().startsWith("pooling_mode_") && flag.getValue().asBoolean()) {
        modes.add(flag.getKey());
      }
    }
    return switch (modes.size() == 1 ? modes.getFirst() : "") {
      case CLS_FLAG, "cls" -> "cls";
      case MEAN_FLAG, "mean" -> "mean";
      default ->
          throw new CheckpointException(
              "%s: pooling is %s, expected one of %s, %s"
                  .formatted(
                      file, CheckpointException.clean(modes.toString()), CLS_FLAG, MEAN_FLAG));
    };
  }

  private static OptionalInt readLength(Path file) {
    ObjectNode json = JsonFiles.readObject(file);
    if (json.path("max_seq_length").isMissingNode() || json.path("max_seq_length").isNull()) {
      return OptionalInt.empty();
    }
    return OptionalInt.of(new JsonFields(json, file.toString()).positive("max_seq_length"));
  }

  /** Writes the files, or none of them where there is no pooling. */
  static void write(Path directory, ModelSettings settings, ObjectNode config) throws IOException {
    if (settings.pooling().isEmpty()) {
      return;
    }
    boolean cls = settings.pooling().get().equals("cls");
    ArrayNode modules = JsonFiles.array();
    modules.add(module(0, "", "Transformer"));
    modules.add(module(1, POOLING, "Pooling"));
    Files.write(directory.resolve(MODULES), JsonFiles.bytes(modules));

    ObjectNode pooling = JsonFiles.object();
    pooling.set("word_embedding_dimension", config.get("hidden_size"));
    pooling.put(CLS_FLAG, cls);
    pooling.put(MEAN_FLAG, !cls);
    pooling.put("pooling_mode_max_tokens", false);
    pooling.put("pooling_mode_mean_sqrt_len_tokens", false);
    Files.createDirectory(directory.resolve(POOLING));
    Files.write(directory.resolve(POOLING).resolve("config.json"), JsonFiles.bytes(pooling));

    ObjectNode length = JsonFiles.object();
    if (settings.maxLength().isPresent()) {
      length.put("max_seq_length", settings.maxLength().getAsInt());
    }
    // Lower-casing is the tokenizer's business; here it would be done twice.
    length.put("do_lower_case", false);
    Files.write(directory.resolve(LENGTH), JsonFiles.bytes(length));
  }

  private static ObjectNode module(int index, String path, String type) {
    return JsonFiles.object()
        .put("idx", index)
        .put("name", Integer.toString(index))
        .put("path", path)
        .put("type", PACKAGE + type);
  }
}
