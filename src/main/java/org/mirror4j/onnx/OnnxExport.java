package org.mirror4j.onnx;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.ModelTokenizer;
import org.mirror4j.bert.Pooling;
import org.mirror4j.bert.WeightMap;
import org.mirror4j.checkpoint.DenseModule;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.checkpoint.ModelOutput;
import org.mirror4j.checkpoint.ModelSettings;
import org.mirror4j.checkpoint.Prompts;
import org.mirror4j.checkpoint.SafeTensors;
import org.mirror4j.encode.SavedEncoding;
import org.mirror4j.file.AtomicFiles;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.text.Template;
import org.mirror4j.text.TemplatePieces;
import org.mirror4j.text.Tokenizer;

/**
 * A model directory as a directory with {@code model.onnx}, tokenizer, configuration and card. The
 * graph takes what transformers exports its models with, {@code input_ids}, {@code attention_mask}
 * and for BERT {@code token_type_ids}, i64[batch, sequence], and gives {@code last_hidden_state},
 * f32[batch, sequence, hidden], and {@code sentence_embedding}, f32[batch, dimensions]: the vector
 * that the model has here, with its template, pooling, Dense modules, normalisation and cut.
 */
public final class OnnxExport {
  private static final String HIDDEN = "last_hidden_state", EMBEDDING = "sentence_embedding";

  private final String name;
  private final ModelDirectory directory;
  private final Tokenizer tokenizer;
  private final SafeTensors weights;
  private final ModelSettings settings;
  private final BertConfig config;
  private final Pooling pooling;
  private final Surroundings surroundings;
  private final int maxLength;
  private final List<DenseModule> dense;
  private final List<String> notes = new ArrayList<>();

  /**
   * What was written.
   *
   * @param pooling in {@code sentence_embedding}
   * @param maxLength most tokens that the tokenizer gives, special tokens included
   * @param dimensions of a vector
   * @param bytes of the graph, its values included
   * @param notes what a user should know of how the model was read, a line each
   */
  public record Result(
      Pooling pooling, int maxLength, int dimensions, long bytes, List<String> notes) {}

  private OnnxExport(
      String name,
      ModelDirectory directory,
      BertConfig config,
      Tokenizer tokenizer,
      SafeTensors weights) {
    this.name = name;
    this.directory = directory;
    this.tokenizer = tokenizer;
    this.weights = weights;
    settings = directory.settings();
    requireNoFlow();
    this.config = config;
    SavedEncoding saved = new SavedEncoding(name, settings, config);
    pooling = saved.pooling().orElse(Pooling.MEAN);
    if (settings.pooling().isEmpty()) {
      notes.add("says no pooling, as it is not tuned: taking mean");
    }
    int length = saved.maxLength(tokenizer);
    Template template = template(saved);
    TemplatePieces pieces =
        TemplatePieces.of(tokenizer, template).orElseThrow(() -> unsayable(template));
    maxLength = length - pieces.before().length - pieces.after().length;
    if (maxLength < 3) {
      throw new FileException(
          "%s: its template leaves %d of %d tokens, expected at least 3 for special tokens and text"
              .formatted(name, maxLength, length));
    }
    surroundings =
        new Surroundings(
            longs(pieces.before()),
            longs(pieces.after()),
            pooling == Pooling.MEAN_PADDED ? length : 0,
            tokenizer.padId());
    dense = directory.dense();
  }

  /**
   * Writes a model.
   *
   * @param model its directory
   * @param name of the model, for messages
   * @param target directory that appears whole or not at all
   * @param replace whether a model that is there is replaced
   * @throws FileException if it is no model, its files say what cannot be or cannot be said in
   *     ONNX, or the target is not to be replaced
   * @throws org.mirror4j.text.TextException if it has no usable tokenizer
   */
  public static Result write(
      Path model, String name, Precision precision, Path target, boolean replace) {
    ModelDirectory directory = ModelDirectory.open(model);
    BertConfig config = BertConfig.of(directory);
    try (Tokenizer tokenizer = ModelTokenizer.open(directory, config);
        SafeTensors weights = directory.weights()) {
      return new OnnxExport(name, directory, config, tokenizer, weights)
          .write(precision, target, replace);
    }
  }

  private void requireNoFlow() {
    directory
        .flow()
        .ifPresent(
            _ -> {
              throw new FileException(
                  "%s: its vectors go through a flow, which cannot be exported to ONNX, expected none or a calibration by whiten"
                      .formatted(name));
            });
  }

  /** As texts are put into it here where nothing else is asked for. */
  private Template template(SavedEncoding saved) {
    Prompts prompts = settings.embedding().prompts();
    Template template = saved.template().orElseGet(() -> Template.prompt(prompts.byDefault()));
    if (!template.equals(Template.NONE) && !prompts.pooled()) {
      throw new FileException(
          name
              + ": leaves its prompt out of the pooling (include_prompt is false), which cannot be"
              + " exported, expected no default prompt");
    }
    return template;
  }

  private FileException unsayable(Template template) {
    return new FileException(
        "%s: its template %s cannot be exported, as a graph sees tokens: expected blanks or punctuation on both sides of the text, and BERT's tokenizer"
            .formatted(name, FileException.quote(template.toString())));
  }

  private static List<Long> longs(int[] ids) {
    return Arrays.stream(ids).mapToObj(Long::valueOf).toList();
  }

  private Result write(Precision precision, Path target, boolean replace) {
    WeightMap map = WeightMap.of(weights, config);
    map.notes().forEach(notes::add);
    int width = dense.isEmpty() ? config.hiddenSize() : dense.getLast().outFeatures();
    int dimensions = settings.embedding().kept(width);
    Graph graph = graph(new Parameters(map), precision, dimensions);
    OnnxCard card =
        new OnnxCard(
            config,
            settings,
            pooling,
            surroundings,
            maxLength,
            dimensions,
            !dense.isEmpty(),
            precision);
    try {
      AtomicFiles.writeDirectory(
          target,
          replace,
          path -> ModelOutput.checkReplaceable(path, replace),
          to -> {
            new ModelFile(graph, "mirror4j").write(to);
            Files.write(
                to.resolve("config.json"),
                JsonFiles.bytes(config.written(directory.config(), false)));
            tokenizer.save(to, maxLength);
            directory.licences().write(to);
            card.write(to);
          });
      long bytes = Files.size(target.resolve(ModelFile.NAME));
      Path data = target.resolve(ModelFile.DATA);
      return new Result(
          pooling,
          maxLength,
          dimensions,
          bytes + (Files.exists(data) ? Files.size(data) : 0),
          List.copyOf(notes));
    } catch (IOException e) {
      throw FileException.of(target + ": cannot be written", e);
    }
  }

  private Graph graph(Parameters parameters, Precision precision, int dimensions) {
    Graph graph = new Graph();
    TokenRows rows = TokenRows.inputs(graph, config, surroundings);
    Products products = new Products(graph, precision);
    List<String> layers = new EncoderGraph(graph, config, parameters, products).layers(rows);
    graph.add(HIDDEN, "Identity", List.of(TokenRows.given(graph, layers.getLast(), surroundings)));
    PoolingGraph vectors = new PoolingGraph(graph, rows);
    String vector = vectors.pooled(pooling, layers, tokenizer.maskId());
    vector = vectors.mapped(products, dense, vector);
    if (settings.embedding().normalize()) {
      vector = vectors.normalised(vector);
    }
    if (settings.embedding().dimensions().isPresent()) {
      vector = vectors.cut(vector, dimensions);
    }
    graph.add(EMBEDDING, "Identity", List.of(vector));
    graph.output(HIDDEN, ElementType.F32, TokenRows.BATCH, TokenRows.SEQUENCE, config.hiddenSize());
    graph.output(EMBEDDING, ElementType.F32, TokenRows.BATCH, dimensions);
    return graph;
  }
}
