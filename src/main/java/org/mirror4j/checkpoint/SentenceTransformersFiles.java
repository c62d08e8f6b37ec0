package org.mirror4j.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFields;
import org.mirror4j.file.JsonFiles;

/**
 * How texts become vectors, as sentence-transformers stores it: the configurations of its modules
 * ({@link SentenceModules}) and {@code config_sentence_transformers.json}. What changes vectors and
 * cannot be computed here is an error. The library knows no mean over padding: {@code mean-padded}
 * is written as its mean, and differs there by the padding. Of a pooling that it has nothing like
 * no modules are written, see {@link ModelSettings}.
 */
final class SentenceTransformersFiles {
  private static final String CONFIG = "config.json";
  private static final String MODEL = "config_sentence_transformers.json";

  /** Where versions of the library have had the settings of a Transformer; it takes the first. */
  private static final List<String> TRANSFORMER =
      List.of(
          "sentence_bert_config.json",
          "sentence_roberta_config.json",
          "sentence_distilbert_config.json",
          "sentence_camembert_config.json",
          "sentence_albert_config.json",
          "sentence_xlm-roberta_config.json",
          "sentence_xlnet_config.json");

  /** Settings of a Transformer that go to classes of Python. */
  private static final List<String> ARGUMENTS =
      List.of(
          "model_args",
          "model_kwargs",
          "tokenizer_args",
          "processor_kwargs",
          "config_args",
          "config_kwargs",
          "processing_kwargs");

  /** Arguments that change no vector beyond rounding. */
  private static final List<String> HARMLESS =
      List.of("trust_remote_code", "attn_implementation", "torch_dtype", "dtype");

  private static final String MODE = "pooling_mode";
  private static final String CLS_FLAG = "pooling_mode_cls_token";
  private static final String MEAN_FLAG = "pooling_mode_mean_tokens";
  private static final List<String> MODE_FLAGS =
      List.of(
          CLS_FLAG,
          "pooling_mode_max_tokens",
          MEAN_FLAG,
          "pooling_mode_mean_sqrt_len_tokens",
          "pooling_mode_weightedmean_tokens",
          "pooling_mode_lasttoken");
  private static final String INCLUDE_PROMPT = "include_prompt";

  private SentenceTransformersFiles() {}

  /**
   * What the files say, as far as they are there.
   *
   * @param config the model's {@code config.json}
   * @throws FileException if one is malformed or asks for what cannot be done
   */
  static ModelSettings read(Path directory, SentenceModules modules, ObjectNode config) {
    Optional<JsonFields> pooling = modules.pooling().map(folder -> fields(folder.resolve(CONFIG)));
    JsonFields transformer = transformer(modules.transformer());
    Path model = directory.resolve(MODEL);
    JsonFields all =
        Files.exists(model) ? fields(model) : new JsonFields(JsonFiles.object(), model.toString());
    return new ModelSettings(
        pooling.map(mode -> pooling(mode, modules, config)),
        transformer.has("max_seq_length")
            ? OptionalInt.of(transformer.positive("max_seq_length"))
            : OptionalInt.empty(),
        Optional.empty(),
        embedding(
            transformer.flag("do_lower_case"),
            pooling.map(SentenceTransformersFiles::includesPrompt).orElse(true),
            modules.normalize(),
            all),
        Optional.empty());
  }

  private static JsonFields fields(Path file) {
    return new JsonFields(JsonFiles.readObject(file), file.toString());
  }

  /** The first file that says anything, checked for what cannot be done; empty without one. */
  private static JsonFields transformer(Path folder) {
    for (String name : TRANSFORMER) {
      Path file = folder.resolve(name);
      JsonFields fields = Files.exists(file) ? fields(file) : null;
      if (fields != null && !fields.json().isEmpty()) {
        checkTransformer(fields);
        return fields;
      }
    }
    return new JsonFields(JsonFiles.object(), folder.resolve(TRANSFORMER.getFirst()).toString());
  }

  private static void checkTransformer(JsonFields fields) {
    List<String> known =
        new ArrayList<>(
            List.of(
                "max_seq_length",
                "do_lower_case",
                "transformer_task",
                "modality_config",
                "module_output_name",
                // Packing changes no vector.
                "unpad_inputs",
                // Lengths by task, and a text is of no task here.
                "query_length",
                "document_length"));
    known.addAll(ARGUMENTS);
    fields.allow(known.toArray(String[]::new));
    if (fields.has("transformer_task")) {
      fields.oneOf("transformer_task", "feature-extraction");
    }
    if (fields.has("module_output_name")) {
      fields.oneOf("module_output_name", "token_embeddings");
    }
    if (fields.has("modality_config")) {
      String file = fields.file() + ": modality_config";
      JsonFields modalities = new JsonFields(fields.object("modality_config"), file);
      modalities.allow("text");
      JsonFields text = new JsonFields(modalities.object("text"), file + ".text");
      text.oneOf("method", "forward");
      text.oneOf("method_output_name", "last_hidden_state");
    }
    for (String key : ARGUMENTS) {
      if (fields.has(key)) {
        JsonFields arguments = new JsonFields(fields.object(key), fields.file() + ": " + key);
        arguments.allow(HARMLESS.toArray(String[]::new));
      }
    }
  }

  private static String pooling(JsonFields fields, SentenceModules modules, ObjectNode config) {
    String mode = poolingMode(fields);
    if (modules.layers().isEmpty()) {
      return mode;
    }
    if (!mode.equals("mean")) {
      throw new FileException(
          "%s: pooling is %s behind WeightedLayerPooling, expected mean"
              .formatted(fields.file(), mode));
    }
    return LayerPooling.read(modules.layers().get(), config);
  }

  private static String poolingMode(JsonFields fields) {
    List<String> known = new ArrayList<>(MODE_FLAGS);
    known.addAll(List.of("word_embedding_dimension", "embedding_dimension", MODE, INCLUDE_PROMPT));
    fields.allow(known.toArray(String[]::new));
    List<String> modes = new ArrayList<>();
    if (fields.has(MODE)) {
      // Beside it the flags count for nothing, in the library too.
      JsonNode mode = fields.json().get(MODE);
      (mode.isArray() ? mode : JsonFiles.array().add(mode)).forEach(m -> modes.add(m.asText()));
    } else {
      MODE_FLAGS.stream().filter(fields::flag).forEach(modes::add);
      if (modes.isEmpty()) {
        modes.add(MEAN_FLAG);
      }
    }
    return switch (modes.size() == 1 ? modes.getFirst() : "") {
      case CLS_FLAG, "cls" -> "cls";
      case MEAN_FLAG, "mean" -> "mean";
      default ->
          throw new FileException(
              "%s: pooling is %s, expected one of %s, %s"
                  .formatted(
                      fields.file(), FileException.clean(modes.toString()), CLS_FLAG, MEAN_FLAG));
    };
  }

  private static boolean includesPrompt(JsonFields pooling) {
    return !pooling.has(INCLUDE_PROMPT) || pooling.flag(INCLUDE_PROMPT);
  }

  private static EmbeddingSettings embedding(
      boolean lowerCase, boolean promptPooled, boolean normalize, JsonFields all) {
    if (all.has("model_type")) {
      all.oneOf("model_type", "SentenceTransformer");
    }
    ObjectNode remarks = all.json().deepCopy();
    remarks.remove(List.of("prompts", "default_prompt_name", "truncate_dim", "similarity_fn_name"));
    return new EmbeddingSettings(
        lowerCase,
        prompts(all, promptPooled),
        normalize,
        all.has("truncate_dim")
            ? OptionalInt.of(all.positive("truncate_dim"))
            : OptionalInt.empty(),
        all.has("similarity_fn_name")
            ? Optional.of(
                all.oneOf("similarity_fn_name", "cosine", "dot", "euclidean", "manhattan"))
            : Optional.empty(),
        remarks);
  }

  private static Prompts prompts(JsonFields all, boolean pooled) {
    SortedMap<String, String> byName = new TreeMap<>();
    if (all.has("prompts")) {
      ObjectNode texts = all.object("prompts").deepCopy();
      // The library has names whose text is yet to be given.
      for (Map.Entry<String, JsonNode> text : texts.properties()) {
        if (text.getValue().isNull()) {
          texts.put(text.getKey(), "");
        }
      }
      byName.putAll(
          new JsonFields(JsonFiles.object().set("prompts", texts), all.file()).strings("prompts"));
    }
    Optional<String> defaultName =
        all.has("default_prompt_name")
            ? Optional.of(all.string("default_prompt_name"))
            : Optional.empty();
    try {
      return new Prompts(byName, defaultName, pooled);
    } catch (IllegalArgumentException e) {
      throw new FileException(all.file() + ": 'default_prompt_name': " + e.getMessage(), e);
    }
  }

  /**
   * Writes what there is to say; nothing for a model without pooling that says nothing else.
   *
   * @param dense number of Dense modules
   */
  static void write(Path directory, ModelSettings settings, ObjectNode config, int dense)
      throws IOException {
    EmbeddingSettings embedding = settings.embedding();
    if (settings.isInLibrary()) {
      boolean cls = settings.pooling().get().equals("cls");
      ObjectNode pooling = JsonFiles.object();
      pooling.set("word_embedding_dimension", config.get("hidden_size"));
      pooling.put(CLS_FLAG, cls);
      pooling.put(MEAN_FLAG, !cls);
      pooling.put("pooling_mode_max_tokens", false);
      pooling.put("pooling_mode_mean_sqrt_len_tokens", false);
      if (!embedding.prompts().pooled()) {
        pooling.put(INCLUDE_PROMPT, false);
      }
      String label = settings.pooling().get();
      boolean layers = LayerPooling.takesLayers(label, config);
      Path folder = SentenceModules.write(directory, layers, dense, embedding.normalize());
      Files.write(folder.resolve(CONFIG), JsonFiles.bytes(pooling));
      if (layers) {
        LayerPooling.write(directory.resolve(SentenceModules.layersFolder()), label, config);
      }
    }
    if (settings.pooling().isPresent() || embedding.lowerCase()) {
      ObjectNode transformer = JsonFiles.object();
      if (settings.maxLength().isPresent()) {
        transformer.put("max_seq_length", settings.maxLength().getAsInt());
      }
      // The tokenizer's own lower-casing is not said here; it would be done twice.
      transformer.put("do_lower_case", embedding.lowerCase());
      Files.write(directory.resolve(TRANSFORMER.getFirst()), JsonFiles.bytes(transformer));
    }
    ObjectNode model = model(embedding);
    if (!model.isEmpty()) {
      Files.write(directory.resolve(MODEL), JsonFiles.bytes(model));
    }
  }

  private static ObjectNode model(EmbeddingSettings embedding) {
    ObjectNode model = embedding.remarks().deepCopy();
    Prompts prompts = embedding.prompts();
    if (!prompts.byName().isEmpty()) {
      ObjectNode texts = model.putObject("prompts");
      prompts.byName().forEach(texts::put);
      model.put("default_prompt_name", prompts.defaultName().orElse(null));
    }
    embedding.dimensions().ifPresent(dimensions -> model.put("truncate_dim", dimensions));
    embedding.similarity().ifPresent(name -> model.put("similarity_fn_name", name));
    return model;
  }
}
