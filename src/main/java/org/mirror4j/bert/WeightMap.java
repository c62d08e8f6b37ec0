package org.mirror4j.bert;

import static org.mirror4j.file.FileException.quote;
import static org.mirror4j.file.FileException.some;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.mirror4j.checkpoint.FloatConversion;
import org.mirror4j.checkpoint.TensorSource;
import org.mirror4j.file.FileException;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Shape;

/**
 * The parameters of an architecture found in a checkpoint: each once and in shape. Tensors outside
 * the encoder are heads of tasks and are not used; one inside that the architecture does not have
 * would change what the encoder computes, and is refused.
 */
public final class WeightMap {
  private static final String POOLER = "pooler.dense.";

  /** Constants that older versions of transformers saved with the weights. */
  private static final Set<String> BUFFERS =
      Set.of("embeddings.position_ids", "embeddings.token_type_ids");

  private static final Map<String, String> DECODER_BIAS =
      Map.of(
          "cls.predictions.bias", "cls.predictions.decoder.bias",
          "lm_head.bias", "lm_head.decoder.bias");

  /** The heads of pretraining, of BERT, SpanBERT and RoBERTa. */
  private static final Pattern PRETRAINING_HEAD =
      Pattern.compile("cls\\.(predictions|seq_relationship|pair_target_predictions)\\.|lm_head\\.");

  /** The five tensors that such a head has besides the weight of its decoder. */
  private static final Map<BertConfig.Family, Pattern> MASKED_HEAD_PARTS =
      Map.of(
          BertConfig.Family.BERT,
          Pattern.compile(
              "cls\\.predictions\\.(transform\\.(dense|LayerNorm)\\.(weight|bias)|bias)"),
          BertConfig.Family.ROBERTA,
          Pattern.compile("lm_head\\.((dense|layer_norm)\\.(weight|bias)|bias)"));

  private final TensorSource source;
  private final BertConfig config;

  /** Shape by parameter, those of the table in its order, then those of the pooler. */
  private final Map<String, Shape> shapes = new LinkedHashMap<>();

  /** Name in the source by parameter. */
  private final Map<String, String> names = new LinkedHashMap<>();

  private final List<String> unused = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  private WeightMap(TensorSource source, BertConfig config) {
    this.source = source;
    this.config = config;
  }

  /**
   * Finds the parameters. Nothing of a tensor is read and no memory taken by what the configuration
   * says.
   *
   * @param heads whose parameters are wanted too
   * @throws FileException naming what is missing, of another shape, there twice, unknown in the
   *     encoder, or of a type that is not read
   */
  public static WeightMap of(
      TensorSource source, BertConfig config, ParameterTable.Block... heads) {
    WeightNames found = WeightNames.of(source);
    WeightMap map = new WeightMap(source, config);
    map.requireLayers(found);
    BertModel.table(config, heads)
        .entries()
        .forEach(entry -> map.shapes.put(entry.name(), entry.shape()));
    if (found.byParameter().keySet().containsAll(List.of(POOLER + "weight", POOLER + "bias"))) {
      map.shapes.put(POOLER + "weight", Shape.of(config.hiddenSize(), config.hiddenSize()));
      map.shapes.put(POOLER + "bias", Shape.of(config.hiddenSize()));
    }
    map.match(found.byParameter());
    map.requireFloats();
    map.passOver(found.byParameter());
    return map;
  }

  /** Before a table of as many layers is made as the configuration says. */
  private void requireLayers(WeightNames found) {
    int layers = found.layers().size();
    if (config.numHiddenLayers() > layers) {
      throw new FileException(
          "%s: %d layers of weights, but num_hidden_layers of config.json is %d"
              .formatted(source.file(), layers, config.numHiddenLayers()));
    }
    if (config.numHiddenLayers() < layers) {
      notes.add(
          "%d layers of weights, of which config.json takes the first %d (num_hidden_layers)"
              .formatted(layers, config.numHiddenLayers()));
    }
  }

  private void match(Map<String, String> found) {
    List<String> problems = new ArrayList<>();
    shapes.forEach(
        (parameter, shape) -> {
          String name = find(found, parameter);
          if (name == null) {
            problems.add(parameter + " is missing, expected " + shape);
          } else if (!source.shape(name).equals(shape)) {
            problems.add(quote(name) + " is " + source.shape(name) + ", expected " + shape);
          } else {
            names.put(parameter, name);
          }
        });
    for (Map.Entry<String, String> entry : found.entrySet()) {
      if (changesTheEncoder(entry.getKey())) {
        problems.add(
            "%s %s is no parameter of the encoder"
                .formatted(quote(entry.getValue()), source.shape(entry.getValue())));
      }
    }
    if (!problems.isEmpty()) {
      throw new FileException(
          source.file() + ": weights do not fit config.json: " + some("; ", problems));
    }
  }

  /**
   * The tensor of a parameter; for the bias of a head that of its decoder, which is the same, where
   * the other is missing.
   *
   * @param found see {@link WeightNames#byParameter}
   * @return null where it is missing
   */
  public static String find(Map<String, String> found, String parameter) {
    String name = found.get(parameter);
    return name == null ? found.get(DECODER_BIAS.getOrDefault(parameter, parameter)) : name;
  }

  /** Whether a checkpoint has any parameter of a head: one that has some is to have all. */
  public static boolean hasAny(TensorSource source, ParameterTable.Block head) {
    Map<String, String> found = WeightNames.of(source).byParameter();
    return ParameterTable.of(List.of(head)).entries().stream()
        .anyMatch(entry -> find(found, entry.name()) != null);
  }

  /**
   * The first parameter of a head that a checkpoint has in another shape, for messages; empty where
   * there is none.
   */
  public static Optional<String> misfit(TensorSource source, ParameterTable.Block head) {
    Map<String, String> found = WeightNames.of(source).byParameter();
    return ParameterTable.of(List.of(head)).entries().stream()
        .filter(entry -> find(found, entry.name()) != null)
        .filter(entry -> !source.shape(find(found, entry.name())).equals(entry.shape()))
        .map(
            entry -> {
              String name = find(found, entry.name());
              return "%s is %s, expected %s"
                  .formatted(quote(name), source.shape(name), entry.shape());
            })
        .findFirst();
  }

  private boolean changesTheEncoder(String parameter) {
    boolean inside = parameter.startsWith("embeddings.") || parameter.startsWith("encoder.");
    boolean beyond = WeightNames.layer(parameter).orElse(0) >= config.numHiddenLayers();
    return inside && !beyond && !shapes.containsKey(parameter) && !BUFFERS.contains(parameter);
  }

  private void requireFloats() {
    boolean rounded = false;
    for (String name : names.values()) {
      DType dtype = source.dtype(name);
      if (!FloatConversion.isFloat(dtype)) {
        throw new FileException(
            "%s: tensor %s has elements %s, expected F32, F16, BF16 or F64"
                .formatted(source.file(), quote(name), dtype));
      }
      rounded |= dtype == DType.F64;
    }
    if (rounded) {
      notes.add("weights in f64, rounded to f32");
    }
  }

  /**
   * The head of a masked language model, where it is whole, is what a pretrained model has, and so
   * is the one of next-sentence prediction beside it: nothing to be told.
   */
  private void passOver(Map<String, String> found) {
    boolean pretrained =
        found.keySet().stream()
                .map(parameter -> parameter.replace(".decoder.bias", ".bias"))
                .filter(MASKED_HEAD_PARTS.get(config.family()).asMatchPredicate())
                .distinct()
                .count()
            == 5;
    Map<String, Integer> heads = new LinkedHashMap<>();
    found.forEach(
        (parameter, name) -> {
          if (names.containsValue(name) || BUFFERS.contains(parameter)) {
            return;
          }
          unused.add(name);
          boolean expected = pretrained && PRETRAINING_HEAD.matcher(parameter).lookingAt();
          if (WeightNames.layer(parameter).isEmpty() && !expected) {
            heads.merge(parameter.replaceFirst("\\..*", ".*"), 1, Integer::sum);
          }
        });
    if (!heads.isEmpty()) {
      List<String> told =
          heads.entrySet().stream()
              .map(head -> "%s (%d)".formatted(quote(head.getKey()), head.getValue()))
              .toList();
      notes.add("tensors not used: " + some(", ", told));
    }
  }

  /** The parameters that are there, with their shapes: those of the table, then the pooler's. */
  public Map<String, Shape> parameters() {
    return Collections.unmodifiableMap(shapes);
  }

  /** Names of the tensors that are of no use here, in the order of the file. */
  public List<String> unused() {
    return List.copyOf(unused);
  }

  /** What a user should know of how the weights were read, a line each, without the file. */
  public List<String> notes() {
    return List.copyOf(notes);
  }

  /**
   * Reads a parameter as f32.
   *
   * @param to overwritten, four bytes an element
   * @throws FileException if it cannot be read, or naming the first element that is not finite
   */
  public void read(String parameter, MemorySegment to) {
    String name = names.get(parameter);
    if (!source.readFloats(name, to)) {
      FloatConversion.requireFinite(source.file(), name, to);
    }
  }
}
