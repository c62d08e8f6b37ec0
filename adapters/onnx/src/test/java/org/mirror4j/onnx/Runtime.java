package org.mirror4j.onnx;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** An exported directory in ONNX Runtime, with its own tokenizer and nothing of ours. */
final class Runtime implements AutoCloseable {
  private final OrtSession session;
  private final HuggingFaceTokenizer tokenizer;

  Runtime(Path directory) throws OrtException, IOException {
    session =
        OrtEnvironment.getEnvironment().createSession(directory.resolve("model.onnx").toString());
    tokenizer = HuggingFaceTokenizer.newInstance(directory.resolve("tokenizer.json"));
  }

  /** Names of the inputs. */
  Iterable<String> inputs() {
    return session.getInputNames();
  }

  /** Vectors of texts that are one batch, the shorter ones padded. */
  float[][] embed(List<String> texts) throws OrtException {
    Encoding[] encodings = tokenizer.batchEncode(texts);
    Map<String, long[][]> all = new HashMap<>();
    for (int i = 0; i < encodings.length; i++) {
      put(all, "input_ids", encodings.length, i, encodings[i].getIds());
      put(all, "attention_mask", encodings.length, i, encodings[i].getAttentionMask());
      put(all, "token_type_ids", encodings.length, i, encodings[i].getTypeIds());
    }
    Map<String, OnnxTensor> inputs = new HashMap<>();
    try {
      for (String name : session.getInputNames()) {
        inputs.put(name, OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), all.get(name)));
      }
      try (OrtSession.Result result = session.run(inputs)) {
        float[][][] hidden = (float[][][]) result.get("last_hidden_state").get().getValue();
        if (hidden[0].length != encodings[0].getIds().length) {
          throw new AssertionError("hidden states of " + hidden[0].length + " tokens");
        }
        return (float[][]) result.get("sentence_embedding").get().getValue();
      }
    } finally {
      inputs.values().forEach(OnnxTensor::close);
    }
  }

  private static void put(
      Map<String, long[][]> all, String name, int count, int index, long[] values) {
    all.computeIfAbsent(name, key -> new long[count][])[index] = values;
  }

  @Override
  public void close() throws OrtException {
    session.close();
    tokenizer.close();
  }
}
