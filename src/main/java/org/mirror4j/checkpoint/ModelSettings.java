package org.mirror4j.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFields;
import org.mirror4j.file.JsonFiles;

/**
 * How a model is to be used and how it came about. {@code mirror4j.json} holds pooling, length and
 * provenance; the rest stands in the files of sentence-transformers alone. Where that library has
 * no such pooling, or the vectors go through a flow or texts into a template, there are no modules
 * of it, and {@code mirror4j.json} holds what else would stand there.
 *
 * @param pooling label of the pooling; empty for a model that is no encoder of sentences yet
 * @param maxLength longest sequence in tokens, special tokens included
 * @param template what stands around each text, {@code {}} in its place; empty for nothing. Of a
 *     template with nothing after the text the files of sentence-transformers hold a prompt instead
 * @param embedding what is done before the tokenizer and after the pooling
 * @param provenance the run that made it, empty for a model made elsewhere
 * @param calibration how the last map of its vectors was fitted; empty where there is none, or one
 *     that belongs to the model as it was made
 */
public record ModelSettings(
    Optional<String> pooling,
    OptionalInt maxLength,
    Optional<String> template,
    EmbeddingSettings embedding,
    Optional<Provenance> provenance,
    Optional<CalibrationSettings> calibration) {
  private static final int FORMAT = 1;

  private static final String NORMALIZE = "normalize", INCLUDE_PROMPT = "include_prompt";

  private static final String BEST_STEP = "best_step";

  /** Folders of Dense modules, which {@link ModelDirectory} writes and reads. */
  static final String DENSE = "dense";

  /** Poolings that sentence-transformers has, and its name for each. */
  private static final Map<String, String> IN_LIBRARY =
      Map.of(
          "cls",
          "cls",
          "mean",
          "mean",
          "mean-padded",
          "mean",
          "first-last-avg",
          "first-last-avg",
          "last-2-avg",
          "last-2-avg");

  /** Nothing known. */
  public static final ModelSettings NONE =
      new ModelSettings(Optional.empty(), OptionalInt.empty(), Optional.empty());

  /** The settings of a model that takes texts and gives vectors as they are. */
  public ModelSettings(
      Optional<String> pooling, OptionalInt maxLength, Optional<Provenance> provenance) {
    this(pooling, maxLength, Optional.empty(), EmbeddingSettings.NONE, provenance);
  }

  /** The settings of a model that is not calibrated. */
  public ModelSettings(
      Optional<String> pooling,
      OptionalInt maxLength,
      Optional<String> template,
      EmbeddingSettings embedding,
      Optional<Provenance> provenance) {
    this(pooling, maxLength, template, embedding, provenance, Optional.empty());
  }

  /**
   * The run that made a model.
   *
   * @param recipe name of the recipe
   * @param seed of the run
   * @param dataHash digest of the training data
   * @param versions by name: of mirror4j, of the runtime
   * @param run the resolved settings, free in form
   * @param bestStep the step whose parameters the model has, of a run that kept those which did
   *     best on held-out data
   */
  public record Provenance(
      String recipe,
      long seed,
      String dataHash,
      SortedMap<String, String> versions,
      ObjectNode run,
      OptionalInt bestStep) {
    /** Of a run whose last step made the model, or that has not ended. */
    public Provenance(
        String recipe,
        long seed,
        String dataHash,
        SortedMap<String, String> versions,
        ObjectNode run) {
      this(recipe, seed, dataHash, versions, run, OptionalInt.empty());
    }

    /** The same with the step that did best. */
    public Provenance with(OptionalInt best) {
      return new Provenance(recipe, seed, dataHash, versions, run, best);
    }
  }

  /**
   * What sentence-transformers calls a pooling: it has no mean over padding and takes the mean for
   * it. Empty where it has nothing like it.
   */
  public static Optional<String> inLibrary(String pooling) {
    return Optional.ofNullable(IN_LIBRARY.get(pooling));
  }

  /**
   * Whether there is a pooling, and the files of sentence-transformers say it. That library knows
   * no flow and no template, and would give other vectors in silence.
   */
  boolean isInLibrary() {
    return pooling.flatMap(ModelSettings::inLibrary).isPresent()
        && template.isEmpty()
        && !isCalibratedBy(CalibrationSettings.Form.FLOW);
  }

  /** Whether there is a calibration that is stored in this form. */
  public boolean isCalibratedBy(CalibrationSettings.Form form) {
    return calibration.filter(fitted -> fitted.form() == form).isPresent();
  }

  /** The resolved settings of the run that wrote it: that of its calibration where it has one. */
  public Optional<ObjectNode> run() {
    return calibration.map(CalibrationSettings::run).or(() -> provenance.map(Provenance::run));
  }

  /** The settings as {@code mirror4j.json} stores them. */
  public ObjectNode toJson() {
    ObjectNode json = JsonFiles.object().put("format", FORMAT);
    pooling.ifPresent(label -> json.put("pooling", label));
    if (pooling.isPresent() && !isInLibrary()) {
      json.put(NORMALIZE, embedding.normalize());
      json.put(INCLUDE_PROMPT, embedding.prompts().pooled());
    }
    maxLength.ifPresent(length -> json.put("max_length", length));
    template.ifPresent(text -> json.put("template", text));
    provenance.ifPresent(
        made -> {
          json.put("recipe", made.recipe());
          json.put("seed", made.seed());
          json.put("data_hash", made.dataHash());
          ObjectNode versions = json.putObject("versions");
          made.versions().forEach(versions::put);
          made.bestStep().ifPresent(step -> json.put(BEST_STEP, step));
          json.set("run", made.run());
        });
    calibration.ifPresent(fitted -> json.set("calibration", fitted.toJson()));
    return json;
  }

  /**
   * What {@link #toJson} stored.
   *
   * @param file names the file in messages
   * @throws FileException if a value is missing, unknown or of another kind
   */
  static ModelSettings fromJson(ObjectNode json, String file) {
    JsonFields fields = new JsonFields(json, file);
    fields.allow(
        "format",
        "pooling",
        NORMALIZE,
        INCLUDE_PROMPT,
        "max_length",
        "template",
        "recipe",
        "seed",
        "data_hash",
        "versions",
        BEST_STEP,
        "run",
        DENSE,
        "calibration");
    int format = fields.integer("format");
    if (format != FORMAT) {
      throw new FileException(
          "%s: 'format' is %d, expected %d: written by a newer version?"
              .formatted(file, format, FORMAT));
    }
    return new ModelSettings(
        json.has("pooling") ? Optional.of(fields.string("pooling")) : Optional.empty(),
        json.has("max_length")
            ? OptionalInt.of(fields.positive("max_length"))
            : OptionalInt.empty(),
        json.has("template") ? Optional.of(fields.string("template")) : Optional.empty(),
        EmbeddingSettings.NONE.around(
            fields.flag(NORMALIZE), !fields.has(INCLUDE_PROMPT) || fields.flag(INCLUDE_PROMPT)),
        json.has("recipe") ? Optional.of(provenance(fields)) : Optional.empty(),
        json.has("calibration")
            ? Optional.of(
                CalibrationSettings.fromJson(fields.object("calibration"), file + ": calibration"))
            : Optional.empty());
  }

  private static Provenance provenance(JsonFields fields) {
    return new Provenance(
        fields.string("recipe"),
        fields.longInteger("seed"),
        fields.string("data_hash"),
        fields.strings("versions"),
        fields.object("run"),
        fields.has(BEST_STEP) ? OptionalInt.of(fields.positive(BEST_STEP)) : OptionalInt.empty());
  }
}
