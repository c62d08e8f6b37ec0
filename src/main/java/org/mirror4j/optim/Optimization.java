package org.mirror4j.optim;

import java.util.ArrayList;
import java.util.List;
import org.mirror4j.device.Device;
import org.mirror4j.device.operation.Optimizer;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * Steps on one loss by one or several optimisers: all of them update their parameters or, where a
 * gradient is not finite, none does. The gradients are measured and clipped first, and the loss
 * scale is taken out of them.
 */
public final class Optimization {
  /**
   * A group of an optimiser.
   *
   * @param from the first of its gradients
   * @param to one past the last
   */
  private record Updated(AdamW optimizer, AdamW.Group group, int from, int to) {}

  /** Elements from one sum to the next: results of kernels begin on 16 bytes. */
  private static final int APART = 4;

  private final Device device;

  /** All groups of all optimisers. */
  private final Updated[] updated;

  private final Clipping clipping;
  private final LossScaler lossScaler;
  private final Tensor sums;

  /** One element of {@link #sums} for each gradient, each on its own 16 bytes. */
  private final Tensor[] sum;

  /** What a norm is taken of: what each optimiser has, flat. */
  private final Tensor[] gradients;

  private final float[] downloaded;
  private final float[] host;

  /**
   * Plans the buffers.
   *
   * @param device null when {@code workspace} only counts
   * @param lossScaler what the gradients are multiplied by; told of each step
   */
  public Optimization(
      Device device,
      Workspace workspace,
      List<AdamW> optimizers,
      Clipping clipping,
      LossScaler lossScaler) {
    this.device = device;
    this.clipping = clipping;
    this.lossScaler = lossScaler;
    List<Tensor> measured = new ArrayList<>();
    List<Updated> all = new ArrayList<>();
    for (AdamW optimizer : optimizers) {
      for (AdamW.Group group : optimizer.groups()) {
        int from = measured.size();
        measured.addAll(optimizer.gradients(group));
        all.add(new Updated(optimizer, group, from, measured.size()));
      }
    }
    updated = all.toArray(Updated[]::new);
    gradients = measured.toArray(Tensor[]::new);
    sums = workspace.f32("sumsOfSquares", Math.multiplyExact(APART, gradients.length));
    if (device != null) {
      device.kernels().memory().fill(sums, 0); // what is between is downloaded too
    }
    sum = new Tensor[gradients.length];
    for (int i = 0; i < sum.length; i++) {
      sum[i] = sums.view("sumOfSquares", (long) APART * i, Shape.of(1));
    }
    downloaded = new float[APART * sum.length];
    host = new float[sum.length];
  }

  /** What the gradient of the loss is to be multiplied by. */
  public LossScaler lossScaler() {
    return lossScaler;
  }

  /**
   * Updates the parameters, or skips the step because the loss scale was too large. Gradients may
   * be changed.
   *
   * @param step counts from 1, skipped ones included
   * @return whether the parameters were updated
   * @throws ArithmeticException if a gradient is not finite and the loss scale not to blame;
   *     nothing is changed then
   */
  public boolean step(int step) {
    double total = measure();
    boolean finite = Double.isFinite(total);
    if (finite) {
      update(step, total);
      lossScaler.updated();
    } else if (!lossScaler.skip()) {
      throw new ArithmeticException(
          "step " + step + ": the gradient is not finite; lower the learning rate");
    }
    return finite;
  }

  /** The sum of all squares; that of each gradient is in {@link #host} then. */
  private double measure() {
    Optimizer operations = device.kernels().optimizer();
    for (int i = 0; i < sum.length; i++) {
      operations.sumOfSquares(sum[i], gradients[i]);
    }
    device.download(downloaded, sums);
    double total = 0;
    for (int i = 0; i < host.length; i++) {
      host[i] = downloaded[APART * i];
      total += host[i];
    }
    return total;
  }

  private void update(int step, double total) {
    int number = step - lossScaler.skippedSteps();
    for (Updated one : updated) {
      double factor =
          switch (clipping.over()) {
            case ALL -> factor(total);
            case OPTIMIZER -> factor(sum(one.from, one.to));
          };
      one.optimizer.update(one.group, step, number, factor / lossScaler.scale());
    }
  }

  private double sum(int from, int to) {
    double sum = 0;
    for (int i = from; i < to; i++) {
      sum += host[i];
    }
    return sum;
  }

  private double factor(double sumOfSquares) {
    return clipping.factor(Math.sqrt(sumOfSquares) / lossScaler.scale());
  }
}
