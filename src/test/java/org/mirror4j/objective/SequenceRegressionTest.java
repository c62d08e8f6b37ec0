package org.mirror4j.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertEncoder;
import org.mirror4j.bert.BertModel;
import org.mirror4j.device.Device;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.support.DeviceBuffers;
import org.mirror4j.support.SmallModel;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.PackedBatch;

/** The head alone, over hidden states of a test; by loops in double. */
class SequenceRegressionTest {
  private static final int HIDDEN = 9;
  private static final int ROWS = 5;
  private static final float SCALE = 0.3f;

  /**
   * Sums of at most {@link #HIDDEN} or {@link #ROWS} terms after one another, of three products, on
   * values of about 1: tens of roundings. A derivative that is wrong is off by far more.
   */
  private static final double ERROR = 100 * DeviceBuffers.U;

  private final Random random = new Random(8);
  private final double[] numbers = {4.75, 0, -1.5, 2, 3};

  private double[] random(int size) {
    double[] values = new double[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) (random.nextGaussian() / 2);
    }
    return values;
  }

  /**
   * The head in double, {@code p = v tanh(W x + b) + c}, with the gradients of {@code SCALE sum (p
   * - y)^2}.
   */
  private final class Oracle {
    final double[] x = random(ROWS * HIDDEN);
    final double[] w = random(HIDDEN * HIDDEN);
    final double[] b = random(HIDDEN);
    final double[] v = random(HIDDEN);
    final double[] c = random(1);
    final double[] predictions = new double[ROWS];
    final double[] dX = new double[x.length];
    final double[] dW = new double[w.length];
    final double[] dB = new double[b.length];
    final double[] dV = new double[v.length];
    final double[] dC = new double[1];
    double loss;

    Oracle() {
      for (int row = 0; row < ROWS; row++) {
        double[] pooled = new double[HIDDEN];
        predictions[row] = c[0];
        for (int out = 0; out < HIDDEN; out++) {
          double sum = b[out];
          for (int in = 0; in < HIDDEN; in++) {
            sum += w[out * HIDDEN + in] * x[row * HIDDEN + in];
          }
          pooled[out] = Math.tanh(sum);
          predictions[row] += v[out] * pooled[out];
        }
        double error = predictions[row] - numbers[row];
        loss += error * error;
        double dP = SCALE * 2 * error;
        dC[0] += dP;
        for (int out = 0; out < HIDDEN; out++) {
          dV[out] += dP * pooled[out];
          double dSum = dP * v[out] * (1 - pooled[out] * pooled[out]);
          dB[out] += dSum;
          for (int in = 0; in < HIDDEN; in++) {
            dW[out * HIDDEN + in] += dSum * x[row * HIDDEN + in];
            dX[row * HIDDEN + in] += dSum * w[out * HIDDEN + in];
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void numbersLossAndGradients(BertConfig.Family family) {
    Oracle oracle = new Oracle();
    BertConfig config = SmallModel.config(family, 11, HIDDEN, 1, GeluForm.ERF);
    boolean bert = family == BertConfig.Family.BERT;
    String pooler = bert ? "pooler.dense" : "classifier.dense";
    String classifier = bert ? "classifier" : "classifier.out_proj";
    try (Device device = new HostDevice(1);
        Workspace workspace = new Workspace(device)) {
      BertModel model = BertModel.plan(workspace, config, SequenceRegression.head(config));
      upload(device, model, pooler + ".weight", oracle.w);
      upload(device, model, pooler + ".bias", oracle.b);
      upload(device, model, classifier + ".weight", oracle.v);
      upload(device, model, classifier + ".bias", oracle.c);
      Tensor gradients = workspace.f32("gradients", model.table().size());
      SequenceRegression regression =
          new SequenceRegression(device, workspace, model, gradients, ROWS + 3);
      assertThat(regression.rows()).isEqualTo(BertEncoder.Rows.ONE);
      Tensor hidden = workspace.f32("hidden", ROWS + 3, HIDDEN).rows(ROWS);
      Tensor dHidden = workspace.f32("dHidden", ROWS + 3, HIDDEN).rows(ROWS);
      device.upload(hidden, floats(oracle.x));
      // The second time over what is there.
      for (int time = 0; time < 2; time++) {
        device.kernels().memory().fill(gradients, Float.NaN);
        regression.upload(PackedBatch.of(new int[ROWS][3], config.positions()));
        regression.upload(floats(numbers));
        regression.scale(SCALE);
        regression.forward(hidden, null, Dropout.NONE);
        requireClose("predictions", regression.logits(), oracle.predictions);
        regression.loss();
        assertThat(regression.lossSum()).isCloseTo(oracle.loss, within(oracle.loss * ERROR));
        regression.backward(dHidden, hidden);
        requireClose("dX", download(device, dHidden), oracle.dX);
        ParameterTable table = model.table();
        requireClose("dW", gradient(device, table, gradients, pooler + ".weight"), oracle.dW);
        requireClose("dB", gradient(device, table, gradients, pooler + ".bias"), oracle.dB);
        requireClose("dV", gradient(device, table, gradients, classifier + ".weight"), oracle.dV);
        requireClose("dC", gradient(device, table, gradients, classifier + ".bias"), oracle.dC);
      }
    }
  }

  private static void upload(Device device, BertModel model, String name, double[] values) {
    device.upload(model.table().view(model.parameters(), name), floats(values));
  }

  private static float[] gradient(
      Device device, ParameterTable table, Tensor gradients, String name) {
    return download(device, table.view(gradients, name));
  }

  private static float[] download(Device device, Tensor tensor) {
    float[] values = new float[(int) tensor.size()];
    device.download(values, tensor);
    return values;
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  /** What comes after the expected values is of no row. */
  private static void requireClose(String what, float[] found, double[] expected) {
    assertThat(found.length).isGreaterThanOrEqualTo(expected.length);
    double largest = 0;
    for (double value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) found[i])
          .as("%s[%d]", what, i)
          .isCloseTo(expected[i], within(largest * ERROR));
    }
  }
}
