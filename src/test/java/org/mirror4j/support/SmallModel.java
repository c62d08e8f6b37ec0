package org.mirror4j.support;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.checkpoint.ModelContents;
import org.mirror4j.checkpoint.ModelOutput;
import org.mirror4j.checkpoint.ModelSettings;
import org.mirror4j.device.Device;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.reference.ReferenceBatch;
import org.mirror4j.reference.ReferenceConfig;
import org.mirror4j.reference.ReferenceParameters;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.PackedBatch;
import org.mirror4j.text.Tokenizer;

/** One small model twice: on a device, and in double with the same parameters. */
public final class SmallModel {
  /** Rows that the position embeddings have for tokens. */
  public static final int LENGTH = 36;

  private SmallModel() {}

  /** Three heads and a feed-forward block of 40; tables of 36 positions and 2 token types. */
  public static BertConfig config(
      BertConfig.Family family, int vocabulary, int hidden, int layers, GeluForm form) {
    int padId = family == BertConfig.Family.BERT ? 0 : 1;
    int offset = family == BertConfig.Family.BERT ? 0 : padId + 1;
    return new BertConfig(
        family, vocabulary, hidden, layers, 3, 40, LENGTH + offset, 2, 1e-5f, form, 0.02f, padId);
  }

  /** The same architecture for the oracle. */
  public static ReferenceConfig reference(BertConfig config) {
    return new ReferenceConfig(
        config.vocabSize(),
        config.hiddenSize(),
        config.numHiddenLayers(),
        config.numAttentionHeads(),
        config.intermediateSize(),
        config.maxPositionEmbeddings(),
        config.typeVocabSize(),
        config.layerNormEps(),
        config.geluForm());
  }

  /** The model of these parameters on a device. */
  public static BertModel load(
      Device device,
      Workspace workspace,
      BertConfig config,
      ReferenceParameters parameters,
      ParameterTable.Block... heads) {
    BertModel model = BertModel.plan(workspace, config, heads);
    // What lies between parameters is never read; as NaN it would show.
    device.kernels().memory().fill(model.parameters(), Float.NaN);
    for (ParameterTable.Entry entry : model.table().entries()) {
      Tensor tensor = model.table().view(model.parameters(), entry.name());
      device.upload(tensor, parameters.floats(referenceName(entry.name())));
    }
    return model;
  }

  /**
   * Writes a model directory.
   *
   * @param vocabulary of a WordPiece tokenizer that lower-cases
   */
  public static Path write(
      Path target,
      BertConfig config,
      ReferenceParameters parameters,
      List<String> vocabulary,
      ModelSettings settings) {
    try (Tokenizer tokenizer = Tokenizer.wordPiece(vocabulary, true)) {
      return write(target, config, parameters, tokenizer, settings);
    }
  }

  /** Writes a model directory with heads. */
  public static Path write(
      Path target,
      BertConfig config,
      ReferenceParameters parameters,
      Tokenizer tokenizer,
      ModelSettings settings,
      ParameterTable.Block... heads) {
    try (Device device = new HostDevice(1);
        Workspace workspace = new Workspace(device);
        Arena arena = Arena.ofConfined()) {
      ModelOutput.write(
          target,
          new ModelContents(
              config.toJson(heads.length > 0),
              load(device, workspace, config, parameters, heads).tensors(device, arena, DType.F32),
              settings,
              tokenizer::save),
          false);
    }
    return target;
  }

  /** What the oracle calls a parameter: it has BERT's names only. */
  public static String referenceName(String name) {
    return switch (name) {
      case "lm_head.dense.weight" -> "cls.predictions.transform.dense.weight";
      case "lm_head.dense.bias" -> "cls.predictions.transform.dense.bias";
      case "lm_head.layer_norm.weight" -> "cls.predictions.transform.LayerNorm.weight";
      case "lm_head.layer_norm.bias" -> "cls.predictions.transform.LayerNorm.bias";
      case "lm_head.bias" -> "cls.predictions.bias";
      default -> name;
    };
  }

  /** Every parameter of a flat buffer by its name in the oracle. */
  public static Map<String, float[]> download(Device device, ParameterTable table, Tensor flat) {
    Map<String, float[]> values = new TreeMap<>();
    for (ParameterTable.Entry entry : table.entries()) {
      float[] floats = new float[(int) entry.shape().size()];
      device.download(floats, table.view(flat, entry.name()));
      values.put(referenceName(entry.name()), floats);
    }
    return values;
  }

  /** A packed batch as the oracle takes it. */
  public static ReferenceBatch reference(PackedBatch packed) {
    int[][] tokens = new int[packed.sequences()][];
    int[][] positions = new int[packed.sequences()][];
    int[][] types = new int[packed.sequences()][];
    for (int s = 0; s < tokens.length; s++) {
      int from = packed.cuSeqlens()[s];
      int to = packed.cuSeqlens()[s + 1];
      tokens[s] = Arrays.copyOfRange(packed.tokenIds(), from, to);
      positions[s] = Arrays.copyOfRange(packed.positionIds(), from, to);
      types[s] =
          packed.tokenTypeIds().length == 0
              ? new int[to - from]
              : Arrays.copyOfRange(packed.tokenTypeIds(), from, to);
    }
    return new ReferenceBatch(tokens, positions, types, packed.keyLengths(), packed.maxSeqlen());
  }
}
