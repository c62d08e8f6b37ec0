package org.mirror4j.predict;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.bert.ModelTokenizer;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.checkpoint.SafeTensors;
import org.mirror4j.checkpoint.TensorSource;
import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.file.FileException;
import org.mirror4j.objective.PretrainingHeads;
import org.mirror4j.objective.PretrainingHeads.SpanBoundarySize;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.Tokenizer;

/**
 * A model directory on a device: encoder, the heads that predict its tokens, tokenizer.
 *
 * @param model in the storage type
 * @param heads that of masked language modelling and perhaps that of the span boundary objective
 * @param workspace holds the model, and what else is planned for as long as it is used
 */
record ModelWithHeads(
    BertModel model, PretrainingHeads heads, Tokenizer tokenizer, Workspace workspace)
    implements AutoCloseable {
  /**
   * Loads a model.
   *
   * @param name of the model, for messages
   * @param spans which head of the span boundary objective is wanted of its weights
   * @param device computing in the precision
   * @throws FileException if the directory is no model, or has no head of masked language modelling
   * @throws org.mirror4j.text.TextException if it has no usable tokenizer
   */
  static ModelWithHeads load(
      Device device,
      Path path,
      String name,
      Function<TensorSource, Optional<SpanBoundarySize>> spans,
      Precision precision) {
    ModelDirectory directory = ModelDirectory.open(path);
    BertConfig config = BertConfig.of(directory);
    Tokenizer tokenizer = ModelTokenizer.open(directory, config);
    Workspace workspace = new Workspace(device);
    try (SafeTensors weights = directory.weights()) {
      PretrainingHeads.requireMasked(directory.config(), weights, config, name);
      PretrainingHeads heads = new PretrainingHeads(spans.apply(weights), false);
      BertModel loaded = BertModel.load(device, workspace, config, weights, heads.blocks(config));
      BertModel model =
          // Heads decode by words in the storage type, which is f32 where the layers are int8.
          precision == Precision.INT8
              ? loaded.forwardOnly(device, workspace, precision)
              : loaded.storedAs(device, workspace, precision.storage());
      return new ModelWithHeads(model, heads, tokenizer, workspace);
    } catch (RuntimeException | Error e) {
      workspace.close();
      tokenizer.close();
      throw e;
    }
  }

  /** The architecture of the encoder. */
  BertConfig config() {
    return model.config();
  }

  /** Frees all but the device. */
  @Override
  public void close() {
    workspace.close();
    tokenizer.close();
  }
}
