"""Random weights without the coincidences of an untrained network."""


def randomise(model):
    """Draws biases, scales and running statistics anew, and returns the model in inference mode.

    Untrained layers have biases of 0 and scales of 1. PyTorch's exporters store equal tensors once,
    and what is stored once is permuted as one: layers would be tied that no trained network ties.
    """
    import torch

    with torch.no_grad():
        for name, buffer in model.named_buffers():
            if name.endswith("running_mean"):
                buffer.normal_(0, 0.2)
            elif name.endswith("running_var"):
                buffer.uniform_(0.5, 1.5)
        for name, parameter in model.named_parameters():
            leaf = name.rsplit(".", 1)[-1]
            if leaf in ("weight", "layer_scale") and bool((parameter == parameter.flatten()[0]).all()):
                parameter.mul_(torch.empty_like(parameter).uniform_(0.6, 1.4))
            elif "bias" in leaf:
                parameter.normal_(0, 0.2)
    return model.eval()
