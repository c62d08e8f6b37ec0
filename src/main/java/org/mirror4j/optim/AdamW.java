package org.mirror4j.optim;

import org.mirror4j.device.Device;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * AdamW (Loshchilov and Hutter 2019) over the flat buffers of a model, with optional clipping of
 * the gradient's global norm, and with the loss scale taken out of the gradient.
 */
public final class AdamW {
  /**
   * Constants of the optimiser.
   *
   * @param beta1 decay of the first moment
   * @param beta2 decay of the second moment
   * @param epsilon added to the root of the second moment
   * @param weightDecay decoupled, times the learning rate
   * @param decayVectors whether biases and LayerNorm parameters decay too, as in Mirror-BERT;
   *     pretraining leaves them out
   * @param maxGradNorm gradients are scaled down to this global norm; 0 for no clipping
   */
  public record Settings(
      double beta1,
      double beta2,
      double epsilon,
      double weightDecay,
      boolean decayVectors,
      double maxGradNorm) {}

  private final Device device;
  private final Settings settings;
  private final LossScaler lossScaler;
  private final Part matrices;
  private final Part vectors;
  private final Tensor gradients;
  private final Tensor firstMoment;
  private final Tensor secondMoment;
  private final Tensor sumOfSquares;
  private final float[] host = new float[1];

  private record Part(
      Tensor parameters, Tensor stored, Tensor gradients, Tensor firstMoment, Tensor secondMoment) {
    Part slice(String name, int from, int to) {
      Shape shape = Shape.of(to - from);
      Tensor sliced = parameters.view("parameters." + name, from, shape);
      return new Part(
          sliced,
          stored == parameters ? sliced : stored.view("storedParameters." + name, from, shape),
          gradients.view("gradients." + name, from, shape),
          firstMoment.view("firstMoment." + name, from, shape),
          secondMoment.view("secondMoment." + name, from, shape));
    }
  }

  /**
   * Plans the moments, which start at zero.
   *
   * @param device null when {@code workspace} only counts
   * @param parameters flat
   * @param stored the parameters in the storage type, written with them; may be {@code parameters}
   * @param gradients flat, same layout
   * @param matrixSize elements before the first vector, see {@code ParameterTable}
   * @param lossScaler what the gradients are multiplied by; told of each step
   */
  public AdamW(
      Device device,
      Workspace workspace,
      Tensor parameters,
      Tensor stored,
      Tensor gradients,
      int matrixSize,
      LossScaler lossScaler,
      Settings settings) {
    this.device = device;
    this.settings = settings;
    this.lossScaler = lossScaler;
    this.gradients = gradients;
    int size = parameters.rows();
    firstMoment = workspace.f32("firstMoment", size);
    secondMoment = workspace.f32("secondMoment", size);
    sumOfSquares = workspace.f32("sumOfSquares", 1);
    Part all = new Part(parameters, stored, gradients, firstMoment, secondMoment);
    matrices = all.slice("matrices", 0, matrixSize);
    vectors = all.slice("vectors", matrixSize, size);
    if (device != null) {
      device.kernels().memory().fill(firstMoment, 0);
      device.kernels().memory().fill(secondMoment, 0);
    }
  }

  /** m, flat; a checkpoint holds it. */
  public Tensor firstMoment() {
    return firstMoment;
  }

  /** v, flat; a checkpoint holds it. */
  public Tensor secondMoment() {
    return secondMoment;
  }

  /**
   * Updates the parameters, or skips the step because the loss scale was too large.
   *
   * @param learningRate of this step
   * @param step counts from 1, skipped ones included
   * @return whether the parameters were updated
   * @throws ArithmeticException if a gradient is not finite and the loss scale not to blame;
   *     nothing is changed then
   */
  public boolean step(double learningRate, int step) {
    Kernels kernels = device.kernels();
    kernels.optimizer().sumOfSquares(sumOfSquares, gradients);
    device.download(host, sumOfSquares);
    double norm = Math.sqrt(host[0]) / lossScaler.scale();
    boolean finite = Double.isFinite(norm);
    if (finite) {
      update(learningRate, step - lossScaler.skippedSteps(), norm);
      lossScaler.updated();
    } else if (!lossScaler.skip()) {
      throw new ArithmeticException(
          "step " + step + ": the gradient is not finite; lower the learning rate");
    }
    return finite;
  }

  /** One update, the {@code number}-th of the run. */
  private void update(double learningRate, int number, double norm) {
    double clip =
        settings.maxGradNorm > 0 && norm > settings.maxGradNorm ? settings.maxGradNorm / norm : 1;
    double scale = clip / lossScaler.scale();
    double vectorDecay = settings.decayVectors ? settings.weightDecay : 0;
    update(matrices, learningRate, settings.weightDecay, number, scale);
    update(vectors, learningRate, vectorDecay, number, scale);
  }

  private void update(Part part, double learningRate, double decay, int number, double scale) {
    device
        .kernels()
        .optimizer()
        .adamW(
            part.parameters,
            part.stored,
            part.gradients,
            part.firstMoment,
            part.secondMoment,
            (float) learningRate,
            (float) settings.beta1,
            (float) settings.beta2,
            (float) settings.epsilon,
            (float) decay,
            number,
            (float) scale);
  }
}
