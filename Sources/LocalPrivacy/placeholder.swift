// LocalPrivacy
