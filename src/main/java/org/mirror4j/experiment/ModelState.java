package org.mirror4j.experiment;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.mirror4j.method.finetune.FineTuning;
import org.mirror4j.method.finetune.FineTuningSettings;
import org.mirror4j.method.mirror.MirrorSettings;
import org.mirror4j.method.mirror.MirrorTraining;
import org.mirror4j.method.pretrain.Pretraining;
import org.mirror4j.method.pretrain.PretrainingSettings;
import org.mirror4j.method.pretrain.PretrainingStart;
import org.mirror4j.task.TaskKind;

/** A model of a table before it is calibrated, which may be there or has to be made. */
sealed interface ModelState {
  /** What settings of runs that start from it call it. */
  String name();

  /** All that determines its weights. */
  ObjectNode key();

  /** This, if it is made for tables, and before it those of what it is made from that are. */
  List<ModelState> made();

  /** A name that no other state has. */
  default String digest() {
    return ScoreStore.digest(key());
  }

  /** As it was fetched. */
  record Fetched(String name, Path directory, ObjectNode key) implements ModelState {
    @Override
    public List<ModelState> made() {
      return List.of();
    }
  }

  /**
   * Pretrained from text with one seed.
   *
   * @param start size and vocabulary, or a model
   * @param recipe that the output carries
   * @param settings every value
   */
  record Pretrained(
      String name,
      List<Path> corpus,
      PretrainingStart start,
      String recipe,
      PretrainingSettings settings,
      ObjectNode key)
      implements ModelState {
    @Override
    public List<ModelState> made() {
      return List.of(this);
    }

    /** What makes it. */
    Pretraining method() {
      return new Pretraining(corpus, Optional.empty(), start, recipe, settings);
    }
  }

  /**
   * Tuned by Mirror-BERT with one seed.
   *
   * @param start what it is tuned from
   * @param corpus file
   * @param corpusName what the settings of the run call it
   * @param recipe that the output carries
   * @param settings every value
   */
  record Tuned(
      ModelState start,
      Path corpus,
      String corpusName,
      String recipe,
      MirrorSettings settings,
      ObjectNode key)
      implements ModelState {
    @Override
    public String name() {
      return start.name();
    }

    @Override
    public List<ModelState> made() {
      return Stream.concat(start.made().stream(), Stream.of(this)).toList();
    }

    /**
     * What makes it.
     *
     * @param from directory of what it is tuned from
     */
    MirrorTraining method(Path from) {
      return new MirrorTraining(from, start.name(), corpus, corpusName, recipe, settings);
    }
  }

  /**
   * Fine-tuned for a task with one seed.
   *
   * @param start what it is fine-tuned from
   * @param kind of the task
   * @param training file
   * @param development files that are scored, by name; the first while it trains
   * @param recipe that the output carries
   * @param settings every value
   */
  record FineTuned(
      ModelState start,
      TaskKind kind,
      Path training,
      SequencedMap<String, Path> development,
      String recipe,
      FineTuningSettings settings,
      ObjectNode key)
      implements ModelState {
    @Override
    public String name() {
      return start.name();
    }

    @Override
    public List<ModelState> made() {
      return Stream.concat(start.made().stream(), Stream.of(this)).toList();
    }

    /**
     * What makes it.
     *
     * @param from directory of what it is fine-tuned from
     */
    FineTuning method(Path from) {
      Path scored = development.firstEntry().getValue();
      return new FineTuning(
          from,
          start.name(),
          kind.name(),
          kind.options(),
          training,
          Optional.of(scored),
          reader(scored),
          recipe,
          settings);
    }

    /** Reads what it is trained on with a file that is scored. */
    FineTuning.TaskReader reader(Path scored) {
      return FineTuning.TaskReader.of(kind, training, Optional.of(scored));
    }
  }
}
