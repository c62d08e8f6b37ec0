package org.mirror4j.bench.training;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.mirror4j.bench.contest.Workload;
import org.mirror4j.bench.djl.DjlMirrorTraining;
import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BatchTensors;
import org.mirror4j.bert.BertModel;
import org.mirror4j.bert.PooledEncoder;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.method.mirror.MirrorSettings;
import org.mirror4j.objective.ContrastiveObjective;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.PackedBatch;

/**
 * Whether both sides of the training measurement compute the same: loss and gradient of every
 * parameter of one batch, from the same weights, without dropout.
 *
 * @param loss ours
 * @param rivalLoss DJL's
 * @param worst largest difference of a gradient's element, over the largest element of that
 *     parameter's gradient
 * @param worstParameter the parameter it was found in
 */
public record GradientParity(double loss, double rivalLoss, double worst, String worstParameter) {
  /** Twelve layers in f32, sums in other orders: the same network is well below, another above. */
  private static final double TOLERANCE = 1e-3;

  /** Prints both sides on the first batch of a shape, a recipe and a number of items, as JSON. */
  public static void main(String[] arguments) throws IOException {
    Workload workload = Workload.of(arguments[0], arguments[1], Integer.parseInt(arguments[2]));
    System.out.println(
        new ObjectMapper().writeValueAsString(of(workload, workload.longest(0)).require()));
  }

  /** Computes both sides on the first batch, padded to {@code padTo} in DJL. */
  public static GradientParity of(Workload workload, int padTo) {
    MirrorSettings settings = workload.settings(false);
    int[][] views = workload.batches().getFirst();
    Map<String, float[]> ours = new TreeMap<>();
    double loss = ours(workload, settings, views, ours);
    FreshModel weights = new FreshModel(workload.config(), settings.seed());
    try (DjlMirrorTraining rival =
        new DjlMirrorTraining(workload.config(), weights, settings, views.length)) {
      double rivalLoss = rival.lossAndGradient(views, padTo);
      double worst = 0;
      String worstParameter = "";
      for (Map.Entry<String, float[]> gradient : ours.entrySet()) {
        // A key's bias has the gradient 0, a sum of terms as large as those of the query's.
        String scaledBy = gradient.getKey().replace("self.key.bias", "self.query.bias");
        double difference =
            difference(gradient.getValue(), rival.gradient(gradient.getKey()))
                / largest(ours.get(scaledBy));
        if (!(difference <= worst)) {
          worst = difference;
          worstParameter = gradient.getKey();
        }
      }
      return new GradientParity(loss, rivalLoss, worst, worstParameter);
    }
  }

  private static double ours(
      Workload workload, MirrorSettings settings, int[][] views, Map<String, float[]> gradients) {
    PackedBatch packed = PackedBatch.of(views, workload.config().positions());
    BatchSize size = BatchSize.of(packed);
    try (HostDevice device = new HostDevice(Runtime.getRuntime().availableProcessors());
        Workspace workspace = new Workspace(device)) {
      BertModel model = BertModel.fresh(device, workspace, workload.config(), settings.seed());
      Tensor flat = workspace.f32("gradients", model.table().size());
      device.kernels().memory().fill(flat, 0);
      BatchTensors batch = new BatchTensors(device, workspace, size);
      PooledEncoder encoder =
          new PooledEncoder(device, workspace, model, flat, batch, size, settings.pooling());
      ContrastiveObjective objective =
          new ContrastiveObjective(
              device,
              workspace,
              workload.config().hiddenSize(),
              views.length,
              (float) settings.temperature());
      batch.upload(packed);
      int[] groups = new int[views.length];
      for (int view = 0; view < groups.length; view++) {
        groups[view] = view % (groups.length / 2);
      }
      objective.groups(groups);
      Tensor vectors = encoder.forward(Dropout.NONE);
      objective.gradient(encoder.gradient(), vectors, 1);
      encoder.backward();
      for (ParameterTable.Entry entry : model.table().entries()) {
        float[] values = new float[Math.toIntExact(entry.shape().size())];
        device.download(values, model.table().view(flat, entry.name()));
        gradients.put(entry.name(), values);
      }
      return objective.loss();
    }
  }

  private static double difference(float[] a, float[] b) {
    double worst = 0;
    for (int i = 0; i < a.length; i++) {
      double difference = Math.abs(a[i] - b[i]);
      worst = difference <= worst ? worst : difference;
    }
    return worst;
  }

  private static double largest(float[] values) {
    double largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  /**
   * Refuses sides that compute different things.
   *
   * @throws IllegalStateException saying what differs
   */
  public GradientParity require() {
    if (!(worst <= TOLERANCE) || !(Math.abs(loss - rivalLoss) <= TOLERANCE * Math.abs(loss))) {
      throw new IllegalStateException(
          "DJL's step is another one: loss %.6f, ours %.6f; gradient of %s off by %.2e"
              .formatted(rivalLoss, loss, worstParameter, worst));
    }
    return this;
  }
}
