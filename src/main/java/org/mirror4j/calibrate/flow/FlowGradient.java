package org.mirror4j.calibrate.flow;

import java.util.ArrayList;
import java.util.List;
import org.mirror4j.device.Device;
import org.mirror4j.device.operation.Flow.Columns;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.tensor.Ownership;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * The loss of a flow, negative log-likelihood in bits per dimension, and its gradient by all
 * parameters (Li et al. 2020, eq. 4). For C channels and the image z of a vector u,
 *
 * <pre>
 *   -log p(u) = |z|^2 / 2 + C / 2 log(2 pi) - log |det dz/du|
 *   loss = mean -log p(u) / (C ln 2)
 * </pre>
 *
 * of each side of a batch of pairs, and the sum of both sides.
 */
public final class FlowGradient {
  private final Device device;
  private final Ownership memory;
  private final FlowPass pass;
  private final List<StepParameters> gradients;
  private final List<Columns> dOutputs = new ArrayList<>();
  private final List<Columns> dInputs = new ArrayList<>();
  private final List<Tensor> dNets = new ArrayList<>();
  private final Tensor dHidden1;
  private final Tensor dHidden2;
  private final Tensor dLatent;
  private final Tensor squares;
  private final float[] hostSquares = new float[1];
  private final int channels;
  private final int sides;
  private final float slope;
  private final Runnable launches = this::launch;

  /**
   * Plans the buffers.
   *
   * @param device null when {@code workspace} only counts
   * @param gradients flat, laid out as the parameters
   * @param rows vectors of a batch, of all sides
   * @param sides 2 for pairs, 1 for single vectors
   */
  public FlowGradient(
      Device device,
      Workspace workspace,
      NormalizingFlow flow,
      Tensor gradients,
      int rows,
      int sides) {
    this.device = device;
    memory = workspace.ownership();
    this.sides = sides;
    this.gradients = flow.views(gradients).steps();
    FlowArchitecture architecture = flow.architecture();
    channels = architecture.channels();
    pass = new FlowPass(device, workspace, flow, rows);
    pass.steps().forEach(step -> step.planBackward(workspace));
    slope = (float) (sides / (rows * channels * Math.log(2)));
    dHidden1 = workspace.f32("dHidden1", rows, architecture.width());
    dHidden2 = workspace.f32("dHidden2", rows, architecture.width());
    squares = workspace.f32("squares", 1);
    dLatent = workspace.f32("dLatent", Math.multiplyExact(rows, channels));
    plan(workspace, architecture, rows);
  }

  /** From the first step on: what a step takes is what the one before it gives. */
  private void plan(Workspace workspace, FlowArchitecture architecture, int rows) {
    Tensor none = workspace.f32("none", rows, 0);
    Columns dInput = new Columns(workspace.f32("dVectors", rows, channels), none);
    long done = 0;
    for (int i = 0; i < gradients.size(); i++) {
      int half = architecture.half(i / architecture.depth());
      boolean endsLevel = i % architecture.depth() == architecture.depth() - 1;
      Shape shape = Shape.of(rows, half);
      Tensor left;
      if (i == gradients.size() - 1) {
        left = dLatent.view("dLatent", done, shape);
        done += shape.size();
      } else {
        left = workspace.f32("dFirst", rows, half);
      }
      Tensor right;
      if (endsLevel) {
        right = dLatent.view("dLatent", done, shape);
        done += shape.size();
      } else {
        right = workspace.f32("dCoupled", rows, half);
      }
      dInputs.add(dInput);
      dOutputs.add(new Columns(left, right));
      dNets.add(workspace.f32("dNet", rows, half * architecture.coupling().outputs()));
      dInput = endsLevel ? new Columns(left, none) : dOutputs.getLast();
    }
  }

  /**
   * Takes a batch.
   *
   * @param vectors row by row, first all of one side, then all of the other
   */
  public void upload(float[] vectors) {
    device.upload(pass.vectors(), vectors);
  }

  /**
   * The loss of the batch that was uploaded, and its gradient.
   *
   * @param repeats whether the device may record the operations and replay them
   */
  public double lossAndGradient(boolean repeats) {
    if (repeats) {
      device.repeat(memory, this, launches);
    } else {
      launches.run();
    }
    device.download(hostSquares, squares);
    int rows = pass.rows();
    double perVector = (hostSquares[0] / 2.0 - pass.totalLogDeterminant()) / rows;
    double constant = channels / 2.0 * Math.log(2 * Math.PI);
    return sides * (perVector + constant) / (channels * Math.log(2));
  }

  private void launch() {
    Kernels kernels = device.kernels();
    pass.forward();
    kernels.optimizer().sumOfSquares(squares, pass.latent());
    kernels.memory().copy(dLatent, pass.latent());
    kernels.optimizer().scale(dLatent, slope);
    List<FlowStep> steps = pass.steps();
    for (int i = steps.size() - 1; i >= 0; i--) {
      steps
          .get(i)
          .backward(
              gradients.get(i),
              dInputs.get(i),
              dOutputs.get(i),
              dNets.get(i),
              dHidden1,
              dHidden2,
              -slope);
    }
  }
}
