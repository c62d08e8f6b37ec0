package org.mirror4j.onnx;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.Pooling;
import org.mirror4j.checkpoint.ModelSettings;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonRecords;

/**
 * What an exported directory says of itself: {@code README.md}, with what each library makes of it,
 * and for DJL {@code serving.properties} where that computes the model's own vectors.
 *
 * @param maxLength most tokens that the tokenizer gives
 * @param dimensions of a vector
 * @param mapped whether Dense modules map the pooled vectors
 */
record OnnxCard(
    BertConfig config,
    ModelSettings settings,
    Pooling pooling,
    Surroundings surroundings,
    int maxLength,
    int dimensions,
    boolean mapped,
    Precision precision) {
  private static final String NOT_LANGCHAIN4J =
      """
      LangChain4j's `OnnxEmbeddingModel` puts texts together again from the pieces of a WordPiece, which this model's
      tokenizer does not have: its vectors are others.

      """;

  /** Writes the files into the directory. */
  void write(Path directory) throws IOException {
    Files.write(directory.resolve("README.md"), text().getBytes(StandardCharsets.UTF_8));
    if (isPooledByOthers()) {
      Files.writeString(
          directory.resolve("serving.properties"),
          """
          engine=OnnxRuntime
          includeTokenTypes=%s
          pooling=%s
          normalize=%s
          """
              .formatted(hasTypes(), pooling.label(), settings.embedding().normalize()));
    }
  }

  private boolean hasTypes() {
    return config.family() == BertConfig.Family.BERT;
  }

  /** Whether the first token or the mean of the last hidden states is all there is to a vector. */
  private boolean isPooledByOthers() {
    return (pooling == Pooling.CLS || pooling == Pooling.MEAN)
        && !mapped
        && surroundings.inserted() == 0
        && dimensions == config.hiddenSize();
  }

  private String text() {
    return head() + graph() + tokenizer() + runtime() + others();
  }

  private String head() {
    return format(
        """
        ---
        pipeline_tag: sentence-similarity
        tags:
        - onnx
        - mirror4j
        ---

        # An encoder of texts in ONNX

        Vectors of %,d values, compared by their %s. Pooling `%s`, matrices in `%s`. Made by mirror4j.

        """,
        dimensions,
        settings.embedding().comparison(),
        pooling.label(),
        JsonRecords.label(precision));
  }

  private String graph() {
    return format(
        """
        | | | |
        |---|---|---|
        | takes | %s | i64[batch, sequence], shorter texts padded on the right |
        | gives first | `last_hidden_state` | f32[batch, sequence, %d] |
        | gives second | `sentence_embedding` | f32[batch, %d], the vector: %s |

        Opset %d, IR version %d.%s

        """,
        hasTypes()
            ? "`input_ids`, `attention_mask`, `token_type_ids`"
            : "`input_ids`, `attention_mask`",
        config.hiddenSize(),
        dimensions,
        steps(),
        ModelFile.OPSET,
        ModelFile.FORMAT,
        precision == Precision.INT8
            ? " Inputs of products are rounded over the range of a whole batch, so that a vector"
                + " depends a little on the texts beside it."
            : "");
  }

  private String steps() {
    List<String> steps = new ArrayList<>();
    if (surroundings.inserted() > 0) {
      steps.add("the template");
    }
    steps.add(surroundings.pads() ? "pooled over padding to the full length" : "pooled");
    if (mapped) {
      steps.add("mapped by Dense modules");
    }
    if (settings.embedding().normalize()) {
      steps.add("normalised");
    }
    settings.embedding().dimensions().ifPresent(_ -> steps.add("cut"));
    return String.join(", ", steps);
  }

  private String tokenizer() {
    String text =
        format(
            "`tokenizer.json` cuts texts to %,d tokens and pads those of a batch, where it is"
                + " obeyed.",
            maxLength);
    return surroundings.inserted() == 0
        ? text + "\n\n"
        : format(
            "%s The %,d tokens of %s are put around each text by the graph: texts are given as they"
                + " are.\n\n",
            text, surroundings.inserted(), code(template()));
  }

  private String template() {
    return settings.template().orElseGet(() -> settings.embedding().prompts().byDefault() + "{}");
  }

  private static String runtime() {
    return """
    With DIR where the files are, in Python:

    ```python
    tokenizer = tokenizers.Tokenizer.from_file("DIR/tokenizer.json")
    session = onnxruntime.InferenceSession("DIR/model.onnx")
    encodings = tokenizer.encode_batch(texts)
    values = {"input_ids": [e.ids for e in encodings], "attention_mask": [e.attention_mask for e in encodings],
              "token_type_ids": [e.type_ids for e in encodings]}
    inputs = {i.name: numpy.array(values[i.name], dtype=numpy.int64) for i in session.get_inputs()}
    vectors = session.run(["sentence_embedding"], inputs)[0]
    ```

    """;
  }

  /** What libraries make of it that pool the first output themselves. */
  private String others() {
    String own =
        isPooledByOthers()
            ? ""
            : """
            The libraries below pool `last_hidden_state` themselves and know nothing else of the model: **their
            vectors are others than its own**, which only `sentence_embedding` has.

            """;
    String cls =
        pooling == Pooling.CLS ? "; of this model it has other vectors, as it takes the mean" : "";
    return own
        + (hasTypes() ? langChain4j() : NOT_LANGCHAIN4J)
        + """
        Spring AI, which takes the mean over tokens and nothing else%s:

        ```java
        var model = new TransformersEmbeddingModel();
        model.setModelResource("file:DIR/model.onnx");
        model.setTokenizerResource("file:DIR/tokenizer.json");
        model.afterPropertiesSet();
        ```

        DJL, with its engine OnnxRuntime%s:

        ```java
        Criteria.builder().setTypes(String.class, float[].class).optModelPath(Path.of("DIR"))
            .optEngine("OnnxRuntime").optTranslatorFactory(new TextEmbeddingTranslatorFactory())%s
            .build().loadModel();
        ```
        """
            .formatted(
                isPooledByOthers() ? cls : "",
                isPooledByOthers() ? ", which reads `serving.properties`" : "",
                isPooledByOthers() || !hasTypes()
                    ? ""
                    : "\n    .optArgument(\"includeTokenTypes\", true)");
  }

  private String langChain4j() {
    return """
    LangChain4j, which divides each vector by its length:

    ```java
    EmbeddingModel model = new OnnxEmbeddingModel("DIR/model.onnx", "DIR/tokenizer.json", PoolingMode.%s);
    ```

    """
        .formatted(pooling == Pooling.CLS ? "CLS" : "MEAN");
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
