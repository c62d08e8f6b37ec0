package org.mirror4j.method.pretrain;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.bert.ModelTokenizer;
import org.mirror4j.bert.WeightMap;
import org.mirror4j.checkpoint.ModelContents;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.checkpoint.ModelSettings;
import org.mirror4j.checkpoint.SafeTensors;
import org.mirror4j.checkpoint.TensorEntry;
import org.mirror4j.device.Device;
import org.mirror4j.file.AtomicFiles;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.objective.PretrainingHeads;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.Tokenizer;
import org.mirror4j.train.TrainingListener;

/**
 * The model that is pretrained, before its weights are there: architecture, tokenizer, and where
 * they come from.
 *
 * @param start what there is before the first step
 * @param directory empty for a fresh model
 * @param heads that are trained
 * @param kept those that are not
 * @param licences writes those of the model that is gone on with
 */
record PretrainedModel(
    PretrainingStart start,
    Optional<ModelDirectory> directory,
    BertConfig config,
    Tokenizer tokenizer,
    PretrainingHeads heads,
    KeptHeads kept,
    AtomicFiles.DirectoryWriter licences)
    implements AutoCloseable {

  /** A fresh one, which has positions for the blocks of the run and no more. */
  static PretrainedModel fresh(
      PretrainingStart.Fresh start, PretrainingSettings settings, Tokenizer tokenizer) {
    // Positions beyond the trained length would stay random, so there are none.
    BertConfig config =
        start
            .size()
            .config(
                tokenizer.vocabSize(),
                tokenizer.padId(),
                settings.maxLength(),
                initializerRange(start.size().hiddenSize()));
    return new PretrainedModel(
        start, Optional.empty(), config, tokenizer, settings.heads(), KeptHeads.NONE, to -> {});
  }

  /** BERT's 0.02, with the products of models narrower than base as large as base's own. */
  private static float initializerRange(int hiddenSize) {
    return (float) (0.02 * Math.max(1, Math.sqrt(768.0 / hiddenSize)));
  }

  /**
   * One that is gone on with.
   *
   * @throws FileException if it lacks the head of masked language modelling, or its blocks are
   *     longer than it has positions for
   */
  static PretrainedModel open(
      PretrainingStart.Model start, PretrainingSettings settings, TrainingListener listener) {
    ModelDirectory directory = ModelDirectory.open(start.model());
    directory.requireTunable(start.name(), listener::warning);
    BertConfig config;
    KeptHeads kept;
    try (SafeTensors weights = directory.weights()) {
      config = BertConfig.of(directory, weights);
      config.requireLength(settings.maxLength());
      PretrainingHeads.requireMasked(directory.config(), weights, config, start.name());
      noticeFreshHeads(start.name(), weights, config, settings.heads(), listener);
      kept = KeptHeads.of(weights, config, settings.heads());
      if (!kept.names().isEmpty()) {
        listener.notice(
            "%s: %s, ...: kept as they are, as the objective %s does not train them"
                .formatted(
                    start.name(),
                    String.join(", ..., ", kept.names()),
                    settings.objective().label()));
      }
    }
    return new PretrainedModel(
        start,
        Optional.of(directory),
        config,
        ModelTokenizer.open(directory, config),
        settings.heads(),
        kept,
        directory.licences());
  }

  private static void noticeFreshHeads(
      String name,
      SafeTensors weights,
      BertConfig config,
      PretrainingHeads heads,
      TrainingListener listener) {
    List<String> absent = new ArrayList<>();
    for (ParameterTable.Block block : heads.blocks(config)) {
      if (!WeightMap.hasAny(weights, block)) {
        absent.add(ParameterTable.of(List.of(block)).entries().getFirst().name());
      }
    }
    if (!absent.isEmpty()) {
      listener.notice(
          "%s: has no %s, ...: begun with random weights"
              .formatted(name, String.join(", ..., ", absent)));
    }
  }

  /** Puts what the model depends on among the settings of a run. */
  void describe(ObjectNode json) {
    switch (start) {
      case PretrainingStart.Fresh fresh -> {
        json.put("config", JsonRecords.label(fresh.size()));
        json.put("vocabSize", config.vocabSize());
        if (fresh.cased()) {
          json.put("cased", true);
        }
      }
      case PretrainingStart.Model from -> {
        json.put("model", from.name());
        json.put("modelHash", directory.orElseThrow().hash());
        json.put("tokenizerHash", directory.orElseThrow().tokenizerHash());
      }
    }
  }

  /** Plans the model. */
  BertModel plan(Workspace workspace) {
    return BertModel.plan(workspace, config, heads.blocks(config));
  }

  /** The model with its weights. */
  BertModel load(Device device, Workspace workspace, long seed) {
    if (directory.isEmpty()) {
      return BertModel.fresh(device, workspace, config, seed, heads.blocks(config));
    }
    try (SafeTensors weights = directory.get().weights()) {
      return BertModel.extended(device, workspace, config, weights, seed, heads.blocks(config));
    }
  }

  /** What is written of it. */
  ModelContents contents(
      Device device, Arena arena, DType store, BertModel model, ModelSettings settings) {
    ObjectNode json =
        directory.isEmpty() ? config.toJson(true) : config.written(directory.get().config(), true);
    List<TensorEntry> tensors = new ArrayList<>(model.tensors(device, arena, store));
    tensors.addAll(kept.stored(store));
    return new ModelContents(json, tensors, settings, tokenizer::save).with(licences);
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
