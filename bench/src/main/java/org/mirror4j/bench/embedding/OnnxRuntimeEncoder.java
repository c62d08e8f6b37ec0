package org.mirror4j.bench.embedding;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import java.nio.LongBuffer;
import java.util.Map;
import java.util.Set;

/** A graph in ONNX Runtime itself: all its optimisations, all threads on one batch. */
final class OnnxRuntimeEncoder implements SortedBatches.BatchEncoder, AutoCloseable {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;
  private final MiniLm.Graph graph;

  OnnxRuntimeEncoder(MiniLm.Graph graph, int threads) {
    this.graph = graph;
    try (SessionOptions options = new SessionOptions()) {
      options.setIntraOpNumThreads(threads);
      options.setOptimizationLevel(SessionOptions.OptLevel.ALL_OPT);
      session = environment.createSession(MiniLm.onnx(graph).toString(), options);
    } catch (OrtException problem) {
      throw new IllegalStateException(problem);
    }
  }

  @Override
  public float[][] encode(int[][] texts) {
    PaddedIds padded = PaddedIds.of(texts);
    try (OnnxTensor ids = tensor(padded.ids(), padded.shape());
        OnnxTensor mask = tensor(padded.mask(), padded.shape());
        OnnxTensor types = tensor(new long[padded.ids().length], padded.shape());
        OrtSession.Result result =
            session.run(
                Map.of("input_ids", ids, "attention_mask", mask, "token_type_ids", types),
                Set.of(graph.output()))) {
      OnnxTensor output = (OnnxTensor) result.get(0);
      return graph.pools()
          ? (float[][]) output.getValue()
          : padded.normalizedMeans(output.getFloatBuffer().array());
    } catch (OrtException problem) {
      throw new IllegalStateException(problem);
    }
  }

  private OnnxTensor tensor(long[] values, long[] shape) throws OrtException {
    return OnnxTensor.createTensor(environment, LongBuffer.wrap(values), shape);
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException problem) {
      throw new IllegalStateException(problem);
    }
  }
}
