package org.mirror4j.method.finetune;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.bert.ModelTokenizer;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.device.Device;
import org.mirror4j.optim.AdamW;
import org.mirror4j.optim.Clipping;
import org.mirror4j.optim.LearningRateSchedule;
import org.mirror4j.task.FineTunedTask;
import org.mirror4j.task.TaskKind;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.Tokenizer;
import org.mirror4j.train.ComputeOptions;
import org.mirror4j.train.Method;
import org.mirror4j.train.Trainable;
import org.mirror4j.train.TrainingListener;

/**
 * Fine-tuning of an encoder and the head of a task (Devlin et al. 2019, sections 3.2 and 4) by a
 * {@link FineTuningOptimizer}. A head may have an optimiser of its own, as that of coreference has.
 *
 * @param model directory to start from
 * @param modelName what the settings of the run call it
 * @param task name of what is learned
 * @param options of the task, by their names, as the settings of the run have them
 * @param training file of what is trained on
 * @param development file of what is scored while it trains
 * @param reader reads both
 * @param recipe name that the output carries
 * @param settings every value
 */
public record FineTuning(
    Path model,
    String modelName,
    String task,
    SequencedMap<String, String> options,
    Path training,
    Optional<Path> development,
    TaskReader reader,
    String recipe,
    FineTuningSettings settings)
    implements Method {
  /** Reads the data of a task. */
  @FunctionalInterface
  public interface TaskReader {
    /**
     * Reads.
     *
     * @param model what is started from
     * @param tokenizer of the model
     * @param maxLength tokens of an example, special tokens included
     * @param notices is told what is worth knowing of the files
     */
    FineTunedTask<?> read(
        ModelDirectory model, Tokenizer tokenizer, int maxLength, Consumer<String> notices);

    /** A task of its files. */
    static TaskReader of(TaskKind kind, Path training, Optional<Path> development) {
      return (model, tokenizer, maxLength, notices) ->
          kind.goingOnFrom(model.config(), model.path().resolve("config.json").toString())
              .read(training, development, tokenizer, maxLength, notices);
    }
  }

  /** The same with another seed. */
  public FineTuning with(long seed) {
    return with(Map.of("seed", seed));
  }

  private FineTuning with(Map<String, ?> changes) {
    return new FineTuning(
        model,
        modelName,
        task,
        options,
        training,
        development,
        reader,
        recipe,
        settings.with(changes));
  }

  /**
   * With examples as long as the model takes them: a length that is the recipe's is shortened to
   * that, another one was asked for.
   *
   * @throws IllegalArgumentException if that is longer than the model takes
   */
  private FineTuning fitting(BertConfig config, Consumer<String> notices) {
    int usable = config.maxSequenceLength();
    boolean ofRecipe =
        Arrays.stream(FineTuningRecipe.values())
            .filter(one -> one.label().equals(recipe))
            .anyMatch(one -> one.settings().maxLength() == settings.maxLength());
    if (!ofRecipe || settings.maxLength() <= usable) {
      config.requireLength(settings.maxLength());
      return this;
    }
    notices.accept(
        "examples of %d tokens, not of the recipe's %d: %s has positions for no more"
            .formatted(usable, settings.maxLength(), modelName));
    return with(Map.of("maxLength", usable));
  }

  /** A model with its optimiser, of which the head may be a group of its own. */
  Trainable trainable(
      Device device, Workspace workspace, BertModel model, FineTunedTask<?> task, int steps) {
    AdamW.Settings all = settings.optimizer().settings(settings.weightDecay());
    LearningRateSchedule schedule =
        LearningRateSchedule.linearFromZero(
            settings.learningRate(), (int) (settings.warmupShare() * steps), steps);
    OptionalDouble headRate = task.headLearningRate();
    if (headRate.isEmpty()) {
      return Trainable.of(
          device, workspace, model.table(), model.parameters(), model.stored(), all, schedule);
    }
    ParameterTable head = ParameterTable.of(List.of(task.head(model.config())));
    return Trainable.of(
        device,
        workspace,
        model.table(),
        model.parameters(),
        model.stored(),
        List.of(
            new AdamW.Group(name -> !head.has(name), all, schedule),
            new AdamW.Group(
                head::has,
                AdamW.Settings.adam(),
                LearningRateSchedule.linear(headRate.getAsDouble(), 0, steps))),
        Optional.empty());
  }

  /** How gradients are clipped: all together, or those of a head with its own optimiser apart. */
  Clipping clipping(FineTunedTask<?> task) {
    return new Clipping(
        task.headLearningRate().isPresent() ? Clipping.Over.OPTIMIZER : Clipping.Over.ALL,
        settings.maxGradNorm());
  }

  @Override
  public long seed() {
    return settings.seed();
  }

  @Override
  public List<Path> inputs() {
    return Stream.concat(Stream.of(model, training), development.stream()).toList();
  }

  @Override
  public void read(
      Device device, ComputeOptions compute, TrainingListener listener, Consumer<Plan> run) {
    ModelDirectory source = ModelDirectory.open(model);
    source.requireTunable(modelName, listener::warning);
    BertConfig config = BertConfig.of(source);
    FineTuning fitting = fitting(config, listener::notice);
    try (Tokenizer tokenizer = ModelTokenizer.open(source, config)) {
      run.accept(
          new FineTuningPlan<>(
              fitting,
              device,
              compute,
              listener,
              source,
              config,
              tokenizer,
              reader.read(source, tokenizer, fitting.settings.maxLength(), listener::notice)));
    }
  }
}
