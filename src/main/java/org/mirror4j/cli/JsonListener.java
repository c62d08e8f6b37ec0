package org.mirror4j.cli;

import org.mirror4j.file.JsonFiles;
import org.mirror4j.train.StepRecord;

/** Every step as a JSON object. */
final class JsonListener extends ConsoleListener {
  JsonListener(Console console) {
    super(console);
  }

  @Override
  public void started(int firstStep, int steps) {
    super.started(firstStep, steps);
    console().event("started", JsonFiles.object().put("firstStep", firstStep).put("steps", steps));
  }

  @Override
  public void step(StepRecord step) {
    console().event("step", step.toJson());
  }
}
