package org.mirror4j.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.mirror4j.file.FileException;

/**
 * {@code README.md} of a model directory, in the form that model hubs show: what the model was made
 * from and how, and how to load it here and in other libraries. A function of the settings and the
 * configuration alone.
 *
 * @param settings of the model
 * @param config {@code config.json}
 * @param width of the vectors before some of their elements are left out
 */
record ModelCard(ModelSettings settings, ObjectNode config, int width) {
  /** What hubs call the tasks of transformers' classes, by how the names of these end. */
  private static final Map<String, String> TASKS =
      Map.of(
          "ForSequenceClassification", "text-classification",
          "ForTokenClassification", "token-classification",
          "ForQuestionAnswering", "question-answering");

  /** The file. */
  byte[] bytes() {
    String text = head() + what() + calibrated() + made() + use();
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private String head() {
    String library = settings.isInLibrary() ? "library_name: sentence-transformers\n" : "";
    String task =
        (settings.pooling().isPresent() ? Optional.of("sentence-similarity") : task())
            .map("pipeline_tag: %s\n"::formatted)
            .orElse("");
    return "---\n%s%stags:\n- mirror4j\n---\n\n".formatted(library, task);
  }

  /** What a model with the head of a task is for; empty for others. */
  private Optional<String> task() {
    String name = className();
    return TASKS.keySet().stream().filter(name::endsWith).findFirst().map(TASKS::get);
  }

  private String className() {
    return config.path("architectures").path(0).asText();
  }

  private String what() {
    if (settings.pooling().isEmpty() && task().isPresent()) {
      return format(
          "# A model for %s\n\nAn encoder of %,d values with the head of %s. Made by mirror4j.\n\n",
          task().get().replace('-', ' '), config.path("hidden_size").asInt(), code(className()));
    }
    if (settings.pooling().isEmpty()) {
      return format(
          "# A masked language model\n\nHidden states of %,d values. Made by mirror4j.\n\n",
          config.path("hidden_size").asInt());
    }
    StringBuilder text = new StringBuilder("# An encoder of texts\n\n");
    text.append(
        format(
            "Vectors of %,d values, compared by their %s. Pooling %s",
            settings.embedding().kept(width),
            settings.embedding().comparison(),
            code(settings.pooling().get())));
    settings.maxLength().ifPresent(length -> text.append(format(", at most %,d tokens", length)));
    settings.template().ifPresent(words -> text.append(", each text in ").append(code(words)));
    settings
        .embedding()
        .prompts()
        .defaultName()
        .map(name -> settings.embedding().prompts().named(name))
        .filter(prompt -> !prompt.isEmpty())
        .ifPresent(prompt -> text.append(", the prompt %s before each".formatted(code(prompt))));
    return text.append(". Made by mirror4j.\n\n").toString();
  }

  /** Whoever reads a score has to know whether the calibration has seen the texts of the test. */
  private String calibrated() {
    if (settings.calibration().isEmpty()) {
      return "";
    }
    CalibrationSettings fitted = settings.calibration().get();
    StringBuilder text = new StringBuilder();
    text.append(
        format(
            "Its vectors are calibrated by %s, fitted on %,d texts: %s. ",
            FileException.clean(fitted.method()), fitted.texts(), names(fitted.fittedOn())));
    text.append(
        fitted.testSets().isEmpty()
            ? "None of these was named as a test set."
            : "The texts of test sets were among them, without their scores: %s; what is measured on these is of an encoder that has seen them."
                .formatted(names(fitted.testSets())));
    return text.append("\n\n").toString();
  }

  private static String names(List<String> names) {
    return names.stream().map(ModelCard::code).collect(Collectors.joining(", "));
  }

  private String made() {
    if (settings.provenance().isEmpty()) {
      return "";
    }
    ModelSettings.Provenance made = settings.provenance().get();
    StringBuilder rows = new StringBuilder("| | |\n|---|---|\n");
    row(rows, "made from", made.run().path("model"));
    row(rows, "task", made.run().path("task"));
    row(rows, "corpus", made.run().path("corpus"));
    row(rows, "trained on", made.run().path("train"));
    row(rows, "scored on", made.run().path("dev"));
    made.bestStep()
        .ifPresent(
            step -> rows.append(format("| step | %,d, which did best on held-out data |\n", step)));
    rows.append(format("| recipe | %s, seed %d |\n", code(made.recipe()), made.seed()));
    rows.append("| data hash | %s |\n".formatted(code(made.dataHash())));
    made.versions()
        .forEach((name, version) -> rows.append("| %s | %s |\n".formatted(name, code(version))));
    return rows.append("\nEvery setting stands in `mirror4j.json`.\n\n").toString();
  }

  private static void row(StringBuilder rows, String name, JsonNode value) {
    if (value.isTextual() && !value.asText().isEmpty()) {
      rows.append("| %s | %s |\n".formatted(name, code(value.asText())));
    }
  }

  private String use() {
    if (settings.pooling().isEmpty() && task().isPresent()) {
      return """
      With DIR where the files are, at the command line and in transformers:

      ```
      ./mirror4j predict %s --model DIR --input FILE --output predictions
      ```

      ```python
      predict = pipeline("%s", model="DIR")
      ```
      """
          .formatted(
              settings
                  .provenance()
                  .map(made -> FileException.clean(made.run().path("task").asText()))
                  .filter(name -> !name.isEmpty())
                  .orElse("TASK"),
              task().get());
    }
    if (settings.pooling().isEmpty()) {
      return "Tune it: `./mirror4j train --model DIR --corpus words.txt --output tuned`.\n";
    }
    Optional<String> pooling = settings.pooling();
    String python =
        settings.isInLibrary()
            ? """
            In sentence-transformers%s:

            ```python
            vectors = SentenceTransformer("DIR").encode(texts)
            ```
            """
                .formatted(
                    pooling.get().equals("mean-padded")
                        ? ", which has no mean over padding and takes that over real tokens"
                        : "")
            : """
            sentence-transformers has nothing like this %s.
            """
                .formatted(
                    settings.isCalibratedBy(CalibrationSettings.Form.FLOW)
                        ? "flow"
                        : settings.template().isPresent() ? "template" : "pooling");
    return """
    With DIR where the files are, at the command line and in Java:

    ```
    ./mirror4j embed --model DIR --input texts.txt --output vectors.npy
    ```

    ```java
    try (Encoder encoder = Encoder.load(Path.of("DIR"))) {
      float[] vector = encoder.embed("a cup of tea");
    }
    ```

    In LangChain4j: `Mirror4jEmbeddingModel.load(Path.of("DIR"), EncoderSettings.DEFAULT)`.

    """
        + python;
  }

  /** The digits are those of programs, in every locale. */
  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  /** In Markdown's quotes for code, which hold none of their own, and no line end. */
  private static String code(String text) {
    return "`" + FileException.clean(text).replace('`', '\'').replace("|", "\\|") + "`";
  }
}
