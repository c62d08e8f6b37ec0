package org.mirror4j.cli;

import java.nio.file.Path;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.bert.TextEncoder;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.checkpoint.ModelSettings;
import org.mirror4j.checkpoint.SafeTensors;
import org.mirror4j.device.Device;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.Tokenizer;
import org.mirror4j.train.ComputeOptions;

/** A model directory on a device, ready to encode. */
final class LoadedModel implements AutoCloseable {
  private final Device device;
  private final BertModel model;
  private final ModelSettings settings;
  private final Tokenizer tokenizer;
  private final Workspace workspace;

  /**
   * Loads encoder and tokenizer.
   *
   * @throws org.mirror4j.checkpoint.CheckpointException if the directory is no model
   * @throws org.mirror4j.text.TextException if it has no usable tokenizer
   */
  LoadedModel(Device device, Path path) {
    this.device = device;
    ModelDirectory directory = ModelDirectory.open(path);
    settings = directory.settings();
    BertConfig config = BertConfig.parse(directory.config());
    tokenizer = Tokenizer.open(path);
    workspace = new Workspace(device);
    try (SafeTensors weights = directory.weights()) {
      tokenizer.requireRows(config.vocabSize());
      model = BertModel.load(device, workspace, config, false, weights);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  BertConfig config() {
    return model.config();
  }

  /** What the directory says about pooling and length. */
  ModelSettings settings() {
    return settings;
  }

  /**
   * An encoder; the caller closes it before this model.
   *
   * @throws IllegalArgumentException if the device does not store the precision
   */
  TextEncoder encoder(EncoderOptions.Resolved options) {
    new ComputeOptions(options.precision(), false).requireSupport(device);
    return new TextEncoder(
        device,
        model.storedAs(device, workspace, options.precision()),
        tokenizer,
        options.pooling(),
        options.maxLength(),
        options.batchSize());
  }

  @Override
  public void close() {
    workspace.close();
    tokenizer.close();
  }
}
