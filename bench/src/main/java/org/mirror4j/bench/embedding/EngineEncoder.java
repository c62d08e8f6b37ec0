package org.mirror4j.bench.embedding;

import java.util.List;
import org.mirror4j.bert.BertModel;
import org.mirror4j.bert.Pooling;
import org.mirror4j.bert.TextEncoder;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.checkpoint.SafeTensors;
import org.mirror4j.device.Precision;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.Tokenizer;

/** Model, tokenizer and encoder of mirror4j, as the command {@code embed} has them. */
final class EngineEncoder implements AutoCloseable {
  /** Tokens of the longest text that is not cut, on all sides. */
  static final int MAX_LENGTH = 256;

  /** Texts of a batch: the default of the command {@code embed}. */
  private static final int BATCH = 256;

  private final HostDevice device;
  private final Workspace workspace;
  private final Tokenizer tokenizer;
  private final TextEncoder encoder;

  EngineEncoder(Precision precision, int threads) {
    MiniLm miniLm = MiniLm.converted();
    device = new HostDevice(threads);
    workspace = new Workspace(device);
    tokenizer = Tokenizer.open(miniLm.directory());
    try (SafeTensors weights = ModelDirectory.open(miniLm.directory()).weights()) {
      BertModel model =
          BertModel.load(device, workspace, miniLm.config(), weights)
              .forwardOnly(device.computingForward(precision), workspace, precision);
      encoder = new TextEncoder(device, model, tokenizer, Pooling.MEAN, MAX_LENGTH, BATCH);
    }
  }

  float[][] encode(List<String> texts) {
    return encoder.encode(texts);
  }

  @Override
  public void close() {
    encoder.close();
    tokenizer.close();
    workspace.close();
    device.close();
  }
}
