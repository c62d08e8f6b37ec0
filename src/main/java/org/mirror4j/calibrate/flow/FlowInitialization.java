package org.mirror4j.calibrate.flow;

import java.util.List;
import java.util.SplittableRandom;
import org.mirror4j.calibrate.EncoderRounding;
import org.mirror4j.device.Device;
import org.mirror4j.device.operation.Flow;
import org.mirror4j.device.operation.Flow.ActNorm;
import org.mirror4j.device.operation.Flow.Columns;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * Data-dependent initialisation (Kingma and Dhariwal 2018, section 3.1): bias and log scale of
 * every activation normalisation become such that one batch leaves it with mean 0 and variance 1 by
 * channel, layer by layer, each seeing what the layers before it make of the batch:
 *
 * <pre>  bias = -mean x,  logScale = ln(1 / (sqrt(mean (x + bias)^2) + 1e-6)) / 3  </pre>
 *
 * But for the last one of each coupling, which begins with zeros. Or the same parameters are drawn,
 * see {@link #draw}.
 */
public final class FlowInitialization {
  private static final double EPSILON = 1e-6;

  private final Device device;

  private FlowInitialization(Device device) {
    this.device = device;
  }

  /**
   * Initialises a flow by vectors.
   *
   * @param vectors row by row, of as many channels as the flow has
   * @throws IllegalArgumentException if all are the same but for roundings, see {@link
   *     EncoderRounding}: what is divided by would be next to nothing
   */
  public static void run(Device device, NormalizingFlow flow, float[] vectors) {
    FlowInitialization initialization = new FlowInitialization(device);
    int channels = flow.architecture().channels();
    int rows = vectors.length / channels;
    requireDifferent(vectors, rows, channels);
    try (Workspace workspace = new Workspace(device)) {
      FlowPass pass = new FlowPass(device, workspace, flow, rows);
      device.upload(pass.vectors(), vectors);
      pass.clearLogDeterminant();
      for (FlowStep step : pass.steps()) {
        initialization.initialize(step);
        step.couple(pass.logDeterminant());
      }
    }
  }

  private static void requireDifferent(float[] vectors, int rows, int channels) {
    double totalVariance = 0;
    double squaredMean = 0;
    for (int channel = 0; channel < channels; channel++) {
      double sum = 0;
      for (int i = channel; i < vectors.length; i += channels) {
        sum += vectors[i];
      }
      double mean = sum / rows;
      squaredMean += mean * mean;
      for (int i = channel; i < vectors.length; i += channels) {
        totalVariance += (vectors[i] - mean) * (vectors[i] - mean) / rows;
      }
    }
    if (EncoderRounding.explains(totalVariance, squaredMean)) {
      throw new IllegalArgumentException(
          "the %,d vectors that a flow begins with are the same in all %,d channels, expected"
                  .formatted(rows, channels)
              + " different ones");
    }
  }

  /**
   * Draws what {@link #run} would set, as TensorFlow does where no initialiser is named (Glorot and
   * Bengio 2010, for a kernel [1, 1, 1, channels]): uniformly within sqrt(6 / (1 + channels)) of 0.
   */
  public static void draw(Device device, NormalizingFlow flow, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (StepParameters step : flow.views(flow.parameters()).steps()) {
      for (ActNorm norm : List.of(step.actNorm(), step.actNorm1(), step.actNorm2())) {
        int channels = norm.bias().rows();
        double limit = Math.sqrt(6.0 / (1 + channels));
        device.upload(norm.bias(), uniform(random, channels, limit));
        device.upload(norm.logScale(), uniform(random, channels, limit));
      }
    }
  }

  private static float[] uniform(SplittableRandom random, int count, double limit) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextDouble(-limit, limit);
    }
    return values;
  }

  private void initialize(FlowStep step) {
    Columns input = step.input();
    float[][] columns = {download(input.left()), download(input.right())};
    set(step.parameters().actNorm(), columns, input.left().rows());
    step.normalize();
    step.first();
    set(step.parameters().actNorm1(), step.tensors().hidden1());
    step.second();
    set(step.parameters().actNorm2(), step.tensors().hidden2());
    step.third();
  }

  private void set(ActNorm parameters, Tensor x) {
    set(parameters, new float[][] {download(x)}, x.rows());
  }

  private float[] download(Tensor x) {
    float[] values = new float[(int) x.size()];
    device.download(values, x);
    return values;
  }

  /**
   * @param parts of x, side by side
   */
  private void set(ActNorm parameters, float[][] parts, int rows) {
    int channels = parameters.bias().rows();
    float[] bias = new float[channels];
    float[] logScale = new float[channels];
    int channel = 0;
    for (float[] part : parts) {
      int columns = part.length / rows;
      for (int c = 0; c < columns; c++) {
        double sum = 0;
        for (int i = c; i < part.length; i += columns) {
          sum += part[i];
        }
        bias[channel] = (float) (-sum / rows);
        double squares = 0;
        for (int i = c; i < part.length; i += columns) {
          double centred = (double) part[i] + bias[channel];
          squares += centred * centred;
        }
        double deviation = Math.sqrt(squares / rows);
        // StrictMath: the same bits whether or not it is compiled
        logScale[channel] =
            (float) (StrictMath.log(1 / (deviation + EPSILON)) / Flow.LOG_SCALE_FACTOR);
        channel++;
      }
    }
    device.upload(parameters.bias(), bias);
    device.upload(parameters.logScale(), logScale);
  }
}
